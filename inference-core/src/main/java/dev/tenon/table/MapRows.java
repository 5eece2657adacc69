package dev.tenon.table;

import dev.tenon.error.InvalidInputException;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/** Rows that are maps. */
final class MapRows implements TableRows {
    private final Iterator<? extends Map<String, ?>> rows;
    private final List<String> columns;
    private Map<String, ?> row;
    private long number = -1;

    MapRows(Iterator<? extends Map<String, ?>> rows, List<String> columns) {
        this.rows = rows;
        this.columns = Cells.names(columns);
    }

    @Override
    public List<String> columns() {
        return columns;
    }

    @Override
    public boolean next() {
        if (!rows.hasNext()) {
            return false;
        }
        row = rows.next();
        number++;
        if (row == null) {
            throw Cells.nullRow(number, "a map");
        }
        return true;
    }

    private Object cell(int column) {
        return row.get(columns.get(column));
    }

    @Override
    public CellKind kind(int column) {
        Object cell = cell(column);
        CellKind kind = Cells.kind(cell);
        if (kind == null) {
            throw new InvalidInputException(
                    "row " + number + ", column '" + columns.get(column) + "'",
                    "a " + cell.getClass().getName(),
                    "Number, Boolean, CharSequence, an enum or null",
                    null);
        }
        return kind;
    }

    @Override
    public long whole(int column) {
        return ((Number) cell(column)).longValue();
    }

    @Override
    public double number(int column) {
        return ((Number) cell(column)).doubleValue();
    }

    @Override
    public boolean truth(int column) {
        return (Boolean) cell(column);
    }

    @Override
    public String text(int column) {
        return Cells.text(cell(column));
    }
}
