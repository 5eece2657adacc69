package dev.tenon.table;

import dev.tenon.error.InvalidInputException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Objects;

/**
 * A table of columns that are arrays. Arrays are not copied. After a call of {@link #rows} no column may be added.
 *
 * <pre>{@code
 * TableRows rows = new ColumnArrays()
 *         .add("age", new double[] {31, 42})
 *         .add("city", new String[] {"Bern", null})
 *         .rows();
 * }</pre>
 */
public final class ColumnArrays {
    /** A column: the array of its kind, and the rows in which it is missing, null for none. */
    private record Part(String name, CellKind kind, Object array, int length, BitSet missing) {}

    private final List<Part> parts = new ArrayList<>();

    /** A table without columns. */
    public ColumnArrays() {}

    private ColumnArrays add(Part part) {
        Objects.requireNonNull(part.name(), "name");
        if (!parts.isEmpty() && parts.getFirst().length() != part.length()) {
            throw new InvalidInputException(
                    "column '" + part.name() + "'",
                    part.length() + " rows",
                    parts.getFirst().length() + ", as many as column '"
                            + parts.getFirst().name() + "'",
                    null);
        }
        parts.add(part);
        return this;
    }

    /**
     * Adds a column.
     *
     * @param name its name
     * @param values its cells; NaN is missing
     * @return this table
     * @throws InvalidInputException if it has another length than the columns before
     */
    public ColumnArrays add(String name, double[] values) {
        return add(new Part(name, CellKind.NUMBER, values, Objects.requireNonNull(values, "values").length, null));
    }

    /**
     * Adds a column.
     *
     * @param name its name
     * @param values its cells; NaN is missing
     * @return this table
     * @throws InvalidInputException if it has another length than the columns before
     */
    public ColumnArrays add(String name, float[] values) {
        return add(new Part(name, CellKind.NUMBER, values, Objects.requireNonNull(values, "values").length, null));
    }

    /**
     * Adds a column.
     *
     * @param name its name
     * @param values its cells
     * @return this table
     * @throws InvalidInputException if it has another length than the columns before
     */
    public ColumnArrays add(String name, long[] values) {
        return add(name, values, null);
    }

    /**
     * Adds a column in which cells may be missing.
     *
     * @param name its name
     * @param values its cells
     * @param missing the rows whose cells are missing, null for none
     * @return this table
     * @throws InvalidInputException if it has another length than the columns before
     */
    public ColumnArrays add(String name, long[] values, BitSet missing) {
        return add(new Part(name, CellKind.WHOLE, values, Objects.requireNonNull(values, "values").length, missing));
    }

    /**
     * Adds a column.
     *
     * @param name its name
     * @param values its cells
     * @return this table
     * @throws InvalidInputException if it has another length than the columns before
     */
    public ColumnArrays add(String name, boolean[] values) {
        return add(new Part(name, CellKind.TRUTH, values, Objects.requireNonNull(values, "values").length, null));
    }

    /**
     * Adds a column.
     *
     * @param name its name
     * @param values its cells; null is missing
     * @return this table
     * @throws InvalidInputException if it has another length than the columns before
     */
    public ColumnArrays add(String name, String[] values) {
        return add(new Part(name, CellKind.TEXT, values, Objects.requireNonNull(values, "values").length, null));
    }

    /**
     * A cursor over the rows.
     *
     * @return a new cursor
     */
    public TableRows rows() {
        return new Cursor(List.copyOf(parts));
    }

    private static final class Cursor implements TableRows {
        private final Part[] parts;
        private final List<String> columns;
        private final int length;
        private int row = -1;

        Cursor(List<Part> parts) {
            this.parts = parts.toArray(Part[]::new);
            this.columns = parts.stream().map(Part::name).toList();
            this.length = parts.isEmpty() ? 0 : parts.getFirst().length();
        }

        @Override
        public List<String> columns() {
            return columns;
        }

        @Override
        public boolean next() {
            return ++row < length;
        }

        @Override
        public CellKind kind(int column) {
            Part p = parts[column];
            boolean missing = p.missing() != null && p.missing().get(row)
                    || p.array() instanceof String[] texts && texts[row] == null;
            return missing ? CellKind.MISSING : p.kind();
        }

        @Override
        public long whole(int column) {
            return ((long[]) parts[column].array())[row];
        }

        @Override
        public double number(int column) {
            return parts[column].array() instanceof double[] doubles
                    ? doubles[row]
                    : ((float[]) parts[column].array())[row];
        }

        @Override
        public boolean truth(int column) {
            return ((boolean[]) parts[column].array())[row];
        }

        @Override
        public String text(int column) {
            return ((String[]) parts[column].array())[row];
        }
    }
}
