package dev.tenon.samples.tables;

import de.siegmar.fastcsv.reader.CloseableIterator;
import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import de.siegmar.fastcsv.reader.FieldMismatchStrategy;
import dev.tenon.error.InvalidInputException;
import dev.tenon.table.CellKind;
import dev.tenon.table.TableRows;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/** The rows of a CSV file whose first record names the columns. All cells are texts; some texts mean that a cell is missing. */
public final class CsvRows implements TableRows, Closeable {
    private static final Set<String> MISSING = Set.of("", "NA", "NaN", "nan", "null", "NULL");

    private final CloseableIterator<CsvRecord> records;
    private final List<String> columns;
    private final List<List<String>> kept = new ArrayList<>();
    private int[] keeping = {};
    private CsvRecord row;

    /**
     * The rows of a stream.
     *
     * @param name the name of the file in messages
     * @param in the file
     * @param separator the character between cells
     * @throws IOException if it can't be read
     * @throws InvalidInputException if it has no line
     */
    public CsvRows(String name, InputStream in, char separator) throws IOException {
        CsvReader<CsvRecord> reader = CsvReader.builder()
                .fieldSeparator(separator)
                .extraFieldStrategy(FieldMismatchStrategy.STRICT)
                .missingFieldStrategy(FieldMismatchStrategy.STRICT)
                .ofCsvRecord(in);
        records = reader.iterator();
        if (!records.hasNext()) {
            throw new InvalidInputException(
                    "file " + name, "no line", "a first line with the names of the columns", null);
        }
        columns = List.copyOf(records.next().getFields());
    }

    @Override
    public List<String> columns() {
        return columns;
    }

    /**
     * Keeps the texts of some columns of the rows to come.
     *
     * @param names the names of the columns
     * @throws InvalidInputException if there is no such column
     */
    void keep(List<String> names) {
        keeping = names.stream().mapToInt(this::column).toArray();
    }

    private int column(String name) {
        int column = columns.indexOf(name);
        if (column < 0) {
            throw new InvalidInputException(
                    "--keep " + name, "no such column", String.join(", ", columns), "name a column of the file");
        }
        return column;
    }

    /** The texts that were kept of the rows since the last call, for each row in the order of the names. */
    List<List<String>> takeKept() {
        List<List<String>> taken = List.copyOf(kept);
        kept.clear();
        return taken;
    }

    /** The line of the file in which the row begins. */
    @Override
    public String name(long number) {
        return "line " + row.getStartingLineNumber();
    }

    @Override
    public boolean next() {
        try {
            if (!records.hasNext()) {
                return false;
            }
            row = records.next();
            if (keeping.length > 0) {
                kept.add(Arrays.stream(keeping).mapToObj(row::getField).toList());
            }
            return true;
        } catch (CsvParseException e) {
            String cause = e.getCause() == null ? "" : ": " + e.getCause().getMessage();
            throw new InvalidInputException(
                    "the CSV file", e.getMessage() + cause, "records of " + columns.size() + " fields", null);
        }
    }

    @Override
    public CellKind kind(int column) {
        return MISSING.contains(row.getField(column)) ? CellKind.MISSING : CellKind.TEXT;
    }

    @Override
    public long whole(int column) {
        throw new IllegalStateException("all cells are texts");
    }

    @Override
    public double number(int column) {
        throw new IllegalStateException("all cells are texts");
    }

    @Override
    public boolean truth(int column) {
        throw new IllegalStateException("all cells are texts");
    }

    @Override
    public String text(int column) {
        return row.getField(column);
    }

    @Override
    public void close() throws IOException {
        records.close();
    }
}
