package dev.tenon.table;

import java.lang.invoke.MethodHandles;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * A cursor over the rows of a table. It begins before the first row. Each cell of a row may be asked for any number of times, in
 * any order, until the next row.
 *
 * <p>This is the interface to implement for rows of another library. Methods with primitive results keep cells from becoming
 * objects. A cursor is used by one thread at a time.
 */
public interface TableRows {
    /**
     * The names of the columns.
     *
     * @return the names, always the same list
     */
    List<String> columns();

    /**
     * Goes to the next row.
     *
     * @return false if there is none
     */
    boolean next();

    /**
     * How errors name this row.
     *
     * @param number the number of rows before it
     * @return such as {@code line 3}; {@code row} and the number if this is not overridden
     */
    default String name(long number) {
        return "row " + number;
    }

    /**
     * The kind of the content of a cell of this row.
     *
     * @param column the index of its column
     * @return its kind
     */
    CellKind kind(int column);

    /**
     * A cell of kind {@link CellKind#WHOLE}.
     *
     * @param column the index of its column
     * @return its value
     */
    long whole(int column);

    /**
     * A cell of kind {@link CellKind#NUMBER}.
     *
     * @param column the index of its column
     * @return its value
     */
    double number(int column);

    /**
     * A cell of kind {@link CellKind#TRUTH}.
     *
     * @param column the index of its column
     * @return its value
     */
    boolean truth(int column);

    /**
     * A cell of kind {@link CellKind#TEXT}.
     *
     * @param column the index of its column
     * @return its value, not null
     */
    String text(int column);

    /**
     * Rows of maps from names of columns to {@code Number}, {@code Boolean}, {@code CharSequence}, an enum or null. A column
     * that a map lacks is missing in that row.
     *
     * @param rows the maps
     * @param columns the names of the columns
     * @return a new cursor
     */
    static TableRows ofMaps(Iterable<? extends Map<String, ?>> rows, List<String> columns) {
        return new MapRows(Objects.requireNonNull(rows, "rows").iterator(), columns);
    }

    /**
     * Rows of records. The columns are named like the components, which are primitive, boxed, texts or enums.
     *
     * @param <R> the type of the records
     * @param type their class. It and its package must be accessible to Tenon: public, and exported if in a module
     * @param rows the records
     * @return a new cursor
     * @throws dev.tenon.error.InvalidInputException if a component has another type or can't be accessed
     */
    static <R extends Record> TableRows ofRecords(Class<R> type, Iterable<? extends R> rows) {
        return ofRecords(type, MethodHandles.publicLookup(), rows);
    }

    /**
     * Rows of records that need not be public.
     *
     * @param <R> the type of the records
     * @param type their class
     * @param lookup the caller's {@code MethodHandles.lookup()}, which must have access to the class
     * @param rows the records
     * @return a new cursor
     * @throws dev.tenon.error.InvalidInputException if a component has another type or can't be accessed
     */
    static <R extends Record> TableRows ofRecords(
            Class<R> type, MethodHandles.Lookup lookup, Iterable<? extends R> rows) {
        Objects.requireNonNull(type, "type");
        Objects.requireNonNull(lookup, "lookup");
        return new RecordRows<>(
                type, lookup, Objects.requireNonNull(rows, "rows").iterator());
    }
}
