package dev.tenon.spark;

import dev.tenon.error.InvalidInputException;
import dev.tenon.table.CellKind;
import dev.tenon.table.TableRows;
import java.math.BigDecimal;
import java.util.List;
import org.apache.spark.sql.Row;

/** One row of a data set as a table. */
final class SparkRow implements TableRows {
    private final List<String> columns;
    private final Row row;
    private boolean read;

    SparkRow(List<String> columns, Row row) {
        this.columns = columns;
        this.row = row;
    }

    @Override
    public List<String> columns() {
        return columns;
    }

    @Override
    public boolean next() {
        boolean first = !read;
        read = true;
        return first;
    }

    @Override
    public CellKind kind(int column) {
        return switch (row.get(column)) {
            case null -> CellKind.MISSING;
            case Double d -> CellKind.NUMBER;
            case Float f -> CellKind.NUMBER;
            case BigDecimal d -> CellKind.NUMBER;
            case Number n -> CellKind.WHOLE;
            case Boolean b -> CellKind.TRUTH;
            case CharSequence s -> CellKind.TEXT;
            case Object other ->
                throw new InvalidInputException(
                        "column '" + columns.get(column) + "'",
                        other.getClass().getSimpleName(),
                        "numbers, booleans and strings",
                        "convert the column before it is scored");
        };
    }

    @Override
    public long whole(int column) {
        return ((Number) row.get(column)).longValue();
    }

    @Override
    public double number(int column) {
        return ((Number) row.get(column)).doubleValue();
    }

    @Override
    public boolean truth(int column) {
        return row.getBoolean(column);
    }

    @Override
    public String text(int column) {
        return row.get(column).toString();
    }
}
