package dev.tenon.benchmarks.trees;

import java.util.Arrays;

/** Windows of a table, one after the other, from its start again when it ends. */
public final class CycledRows {
    private final float[] table;
    private final int columns;
    private final int rows;
    private int next;

    /**
     * Windows of a table.
     *
     * @param table the cells, row by row
     * @param columns the columns
     * @param rows the rows of a window
     */
    public CycledRows(float[] table, int columns, int rows) {
        this.table = table;
        this.columns = columns;
        this.rows = rows;
    }

    int rows() {
        return rows;
    }

    int columns() {
        return columns;
    }

    float[] table() {
        return table;
    }

    /** A copy of the next window. */
    float[] nextCells() {
        int from = next();
        return Arrays.copyOfRange(table, from, from + rows * columns);
    }

    /** The index of the first cell of the next window. */
    int next() {
        int cells = rows * columns;
        int at = next + cells <= table.length ? next : 0;
        next = at + cells;
        return at;
    }
}
