/**
 * The months and weekdays in English, Italian, Spanish, French, German and Portuguese, lower case and without accents. A table, and not
 * `Intl`: its abbreviations change from one version of the locale data to the next (`sep` and `sept`, `juil` with a dot and without), and
 * reports have others yet (`Mrz` in Excel).
 */
const MONTHS = [
  'january gennaio enero janvier januar janner jaenner janeiro',
  'february febbraio febrero fevrier februar feber fevereiro',
  'march marzo mars marz maerz mrz marco',
  'april aprile abril avril',
  'may maggio mayo mai maio',
  'june giugno junio juin juni junho',
  'july luglio julio juillet juli julho',
  'august agosto aout',
  'september settembre septiembre setiembre septembre setembro',
  'october ottobre octubre octobre oktober outubro',
  'november novembre noviembre novembro',
  'december dicembre diciembre decembre dezember dezembro',
];

const WEEKDAYS = [
  'sunday domenica domingo dimanche sonntag',
  'monday lunedi lunes lundi montag segunda',
  'tuesday martedi martes mardi dienstag terca',
  'wednesday mercoledi miercoles mercredi mittwoch quarta',
  'thursday giovedi jueves jeudi donnerstag quinta',
  'friday venerdi viernes vendredi freitag sexta',
  'saturday sabato sabado samedi samstag sonnabend',
];

/** German's own abbreviations are shorter than what is told apart elsewhere. */
const SHORT_WEEKDAYS = ['so', 'mo', 'di', 'mi', 'do', 'fr', 'sa'];

const LEAST_LETTERS = 3;

const months = prefixes(MONTHS);
const weekdays = prefixes(WEEKDAYS);
for (const [index, short] of SHORT_WEEKDAYS.entries()) weekdays.set(short, index);

/** The month (1 to 12) that a word names, in full or shortened to three letters or more; undefined where it names none, or could name two (`jui`). */
export function monthOf(word: string): number | undefined {
  const index = months.get(word);
  return index === undefined ? undefined : index + 1;
}

/** The weekday (0 is Sunday) that a word names, in full or shortened; undefined where it names none. */
export function weekdayOf(word: string): number | undefined {
  return weekdays.get(word.replace(/-feira$/u, ''));
}

/** Every beginning of the names that leads to one index alone. */
function prefixes(rows: readonly string[]): Map<string, number> {
  const found = new Map<string, number | undefined>();
  for (const [index, row] of rows.entries()) {
    for (const name of row.split(' ')) {
      for (let length = LEAST_LETTERS; length <= name.length; length++) {
        const prefix = name.slice(0, length);
        found.set(prefix, found.has(prefix) && found.get(prefix) !== index ? undefined : index);
      }
    }
  }
  return new Map([...found].filter((entry): entry is [string, number] => entry[1] !== undefined));
}
