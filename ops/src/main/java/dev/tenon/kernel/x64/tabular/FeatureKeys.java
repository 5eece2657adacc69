package dev.tenon.kernel.x64.tabular;

import static dev.tenon.kernel.tabular.TreeRecords.WALKS;

import dev.tenon.kernel.tabular.TableCells;
import dev.tenon.kernel.tabular.TreeLayout;
import dev.tenon.kernel.tabular.TreeRecords;
import dev.tenon.kernel.x64.OperandAddresses;
import dev.tenon.kernel.x64.tabular.KeyEmitter.Argument;
import dev.tenon.nativecode.NativeFunction;
import dev.tenon.tensor.DType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.ref.Reference;

/**
 * Makes the keys of the features of eight rows: unsigned integers in the order of the features, column by column. The first
 * column is 0. Machine code does it for float features with narrow records and for double features; others are read one by one.
 */
final class FeatureKeys {
    private final TreeRecords records;
    private final DType type;
    private final long features;
    private final NativeFunction function;
    private final MemorySegment columns;

    private FeatureKeys(TreeRecords records, DType type, long features, NativeFunction function) {
        this.records = records;
        this.type = type;
        this.features = features;
        this.function = function;
        this.columns = function == null ? null : columns(records);
    }

    /**
     * The keys of a problem.
     *
     * @param records the trees
     * @param type the type of the features
     * @param features the features of a row
     * @return the maker of keys
     */
    static FeatureKeys of(TreeRecords records, DType type, long features) {
        for (int c = 0; c < records.columns() - 1; c++) {
            if (records.feature(c) >= features) {
                throw new IllegalArgumentException(
                        "a test of feature " + records.feature(c) + " of rows of " + features + " features");
            }
        }
        boolean keysFit = type == DType.FLOAT64 || type == DType.FLOAT32 && !records.isWide();
        boolean machine = keysFit && records.columns() > 1 && features <= Integer.MAX_VALUE / Double.BYTES;
        return new FeatureKeys(records, type, features, machine ? KeyEmitter.of(type == DType.FLOAT64) : null);
    }

    private static MemorySegment columns(TreeRecords records) {
        int count = records.columns() - 1;
        int featureBytes = records.hasDoubleFeatures() ? Double.BYTES : Float.BYTES;
        MemorySegment to = Arena.ofAuto().allocate((long) count * KeyEmitter.COLUMN_BYTES, KeyEmitter.COLUMN_BYTES);
        for (int c = 0; c < count; c++) {
            long at = (long) c * KeyEmitter.COLUMN_BYTES;
            to.set(ValueLayout.JAVA_INT, at, records.feature(c) * featureBytes);
            to.asSlice(at + KeyEmitter.NAN_OFFSET, KeyEmitter.VECTOR_BYTES)
                    .fill((byte) (records.nanIsLowest(c) ? 0 : -1));
        }
        return to;
    }

    /**
     * Makes the keys of some rows.
     *
     * @param x the features of all rows
     * @param first the first row
     * @param rows the number of rows, 1 to 8. The keys of missing rows are any numbers
     * @param scratch the block of arguments, and the place of the keys
     * @param at the offset of the keys in it
     */
    void load(MemorySegment x, long first, int rows, MemorySegment scratch, long at) {
        int keyBytes = records.isWide() ? Long.BYTES : Integer.BYTES;
        long next = at + (long) WALKS * keyBytes;
        // No slice: a call of one row is to allocate nothing, whatever the compiler inlines.
        for (long i = at; i < next; i += Long.BYTES) {
            scratch.set(ValueLayout.JAVA_LONG, i, 0L);
        }
        if (function == null) {
            for (int c = 0; c < records.columns() - 1; c++) {
                for (int r = 0; r < rows; r++) {
                    long feature = (first + r) * features + records.feature(c);
                    long i = next + ((long) c * WALKS + r) * keyBytes;
                    if (records.isWide()) {
                        scratch.set(ValueLayout.JAVA_LONG, i, wideKey(x, c, feature));
                    } else {
                        scratch.set(ValueLayout.JAVA_INT, i, floatKey(x, c, feature));
                    }
                }
            }
            return;
        }
        long rowBytes = features * type.byteSize(1);
        long from = OperandAddresses.address(x, first * rowBytes, rows * rowBytes);
        long block = OperandAddresses.address(scratch, 0, at);
        Argument.COLUMNS.set(scratch, WalkArgument.BYTES, columns.address());
        Argument.COUNT.set(scratch, WalkArgument.BYTES, (long) records.columns() - 1);
        Argument.KEYS.set(scratch, WalkArgument.BYTES, block + next);
        for (int r = 0; r < WALKS; r++) {
            Argument.row(scratch, WalkArgument.BYTES, r, from + Math.min(r, rows - 1) * rowBytes);
        }
        try {
            function.call(block + WalkArgument.BYTES);
        } finally {
            Reference.reachabilityFence(columns);
        }
    }

    private int floatKey(MemorySegment x, int c, long feature) {
        float v = TableCells.readFloat(x, type, feature);
        return Float.isNaN(v) ? records.nanIsLowest(c) ? 0 : -1 : TreeLayout.key(v) ^ Integer.MIN_VALUE;
    }

    private long wideKey(MemorySegment x, int c, long feature) {
        if (!records.hasDoubleFeatures()) {
            return Integer.toUnsignedLong(floatKey(x, c, feature));
        }
        double v = TableCells.readDouble(x, type, feature);
        return Double.isNaN(v) ? records.nanIsLowest(c) ? 0 : -1 : TreeLayout.key(v) ^ Long.MIN_VALUE;
    }
}
