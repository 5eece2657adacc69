package dev.tenon.kernel.copy;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * A box of elements that is copied with strides from one operand to another, or filled with one value. {@link #of} simplifies
 * every copy: it drops dimensions of 1, merges neighbouring dimensions that are contiguous in both operands, and merges
 * contiguous elements into wider ones. Two inner dimensions remain, columns and rows, and any number of outer ones. The box is
 * split into blocks of rows and columns, and parts are groups of blocks. The split depends on the shape only.
 *
 * <p>Offsets and strides are in bytes. Strides may be negative; those of the input may be 0. Immutable.
 */
public final class CopyBox {
    /** Stands for the input of a box that is filled with a given value. */
    public static final int NO_INPUT = -1;

    /** How columns and rows are stored, which decides the loop that copies them. */
    public enum Kind {
        /** Columns are contiguous in both operands. */
        RUNS,
        /** All columns of a row are copies of one element. */
        FILL,
        /** Columns are contiguous in the output, rows in the input. */
        TRANSPOSE,
        /** Columns are contiguous in the input. In the output, the few rows of a column are contiguous. */
        INTERLEAVE,
        /** Columns are contiguous in the output. In the input, the few rows of a column are. Elements have four bytes. */
        DEINTERLEAVE,
        /** Anything else. */
        STRIDED
    }

    private static final long PART_BYTES = 128 << 10;
    private static final long PART_ELEMENTS = 16 << 10;
    private static final int TILE = 128;

    /** The elements of a tile of a box that {@link #exceedsCaches}: half a second-level cache. */
    private static final int LARGE_TILE = 1 << 16;

    /** The rows of such a tile: runs of the input that are long enough for the hardware prefetcher. */
    private static final int LARGE_TILE_ROWS = 1024;

    /** The minimum columns of such a tile. */
    private static final int MIN_LARGE_TILE_COLUMNS = 64;

    /** The size from which a box is taken to exceed all caches, bytes. */
    private static final long LARGE_BYTES = 16 << 20;

    /** The minimum rows and columns that are transposed by tiles. */
    private static final int MIN_TRANSPOSE = 4;

    /** The minimum elements of an innermost loop. */
    private static final int MIN_LOOP = 8;

    /** The maximum number of planes of 4-byte elements that are interleaved; more are transposed by tiles. */
    private static final int MAX_PLANES = 7;

    private static final long MAX_PARTS = 1 << 20;

    /** The size of the widest element, bytes. */
    private static final int MAX_WIDTH = 8;

    /** A dimension, with its strides in input and output. */
    private record Axis(long size, long in, long out) {}

    private final int input;
    private final int output;
    private final long inAt;
    private final long outAt;
    private final long fill;
    private final int width;
    private final Kind kind;
    private final Axis columns;
    private final Axis rows;
    private final long[] outerSizes;
    private final long[] outerIn;
    private final long[] outerOut;
    private final int blockColumns;
    private final int blockRows;
    private final long columnBlocks;
    private final long rowBlocks;
    private final long blocks;
    private final long blocksPerPart;
    private final boolean exceedsCaches;

    private CopyBox(Source source, Target target, int width, List<Axis> axes) {
        this.input = source.operand;
        this.inAt = source.offset;
        this.fill = source.fill;
        this.output = target.operand;
        this.outAt = target.offset;
        this.width = width;
        List<Axis> rest = new ArrayList<>(axes);
        Axis one = new Axis(1, input == NO_INPUT ? 0 : width, width);
        Axis last = rest.isEmpty() ? one : rest.removeLast();
        int deinterleaved = deinterleavedRows(last, width, rest);
        int transposed = deinterleaved >= 0 ? -1 : transposedRows(last, width, rest);
        if (deinterleaved < 0 && transposed < 0 && kind(last, width, transposed) != Kind.RUNS) {
            last = swapIfShort(last, rest);
        }
        this.columns = last;
        int interleaved = deinterleaved < 0 && transposed < 0 ? interleavedRows(columns, width, rest) : -1;
        this.kind = deinterleaved >= 0
                ? Kind.DEINTERLEAVE
                : interleaved >= 0 ? Kind.INTERLEAVE : kind(columns, width, transposed);
        int row = deinterleaved >= 0
                ? deinterleaved
                : interleaved >= 0 ? interleaved : kind == Kind.TRANSPOSE ? transposed : longest(rest);
        this.rows = row < 0 ? new Axis(1, 0, 0) : rest.remove(row);
        this.outerSizes = new long[rest.size()];
        this.outerIn = new long[rest.size()];
        this.outerOut = new long[rest.size()];
        for (int i = 0; i < rest.size(); i++) {
            outerSizes[i] = rest.get(i).size();
            outerIn[i] = rest.get(i).in();
            outerOut[i] = rest.get(i).out();
        }
        long perPart = kind == Kind.RUNS || kind == Kind.FILL ? PART_BYTES / width : PART_ELEMENTS;
        boolean planes = kind == Kind.INTERLEAVE || kind == Kind.DEINTERLEAVE;
        long maxColumns = planes ? perPart / rows.size : perPart;
        long outer = 1;
        for (long size : outerSizes) {
            outer *= size;
        }
        this.exceedsCaches = outer * rows.size * columns.size * width >= LARGE_BYTES;
        if (kind == Kind.TRANSPOSE) {
            this.blockRows = (int) tile(rows.size, exceedsCaches ? LARGE_TILE_ROWS : TILE);
            this.blockColumns = (int)
                    tile(columns.size, exceedsCaches ? Math.max(MIN_LARGE_TILE_COLUMNS, LARGE_TILE / blockRows) : TILE);
        } else {
            this.blockColumns = (int) Math.min(columns.size, maxColumns);
            this.blockRows = (int) Math.min(rows.size, Math.max(1, perPart / blockColumns));
        }
        this.columnBlocks = Math.ceilDiv(columns.size, blockColumns);
        this.rowBlocks = Math.ceilDiv(rows.size, blockRows);
        this.blocks = outer * rowBlocks * columnBlocks;
        long wanted = Math.max(1, perPart / ((long) blockRows * blockColumns));
        this.blocksPerPart = Math.max(wanted, Math.ceilDiv(blocks, MAX_PARTS));
    }

    /** The source of a box: a region of an input, or a value. */
    public static final class Source {
        private final int operand;
        private final long offset;
        private final long[] strides;
        private final long fill;

        /**
         * A region of an input.
         *
         * @param operand the index of the operand
         * @param offset the offset of the first element, bytes
         * @param strides the stride of each dimension, elements
         */
        public Source(int operand, long offset, long[] strides) {
            this.operand = operand;
            this.offset = offset;
            this.strides = strides;
            this.fill = 0;
        }

        /**
         * A value.
         *
         * @param fill the low bits are those of the value
         * @param rank the number of dimensions
         */
        public Source(long fill, int rank) {
            this.operand = NO_INPUT;
            this.offset = 0;
            this.strides = new long[rank];
            this.fill = fill;
        }
    }

    /** The target of a box: a region of an output. */
    public static final class Target {
        private final int operand;
        private final long offset;
        private final long[] strides;

        /**
         * A region of an output.
         *
         * @param operand the index of the operand
         * @param offset the offset of the first element, bytes
         * @param strides the stride of each dimension, elements
         */
        public Target(int operand, long offset, long[] strides) {
            this.operand = operand;
            this.offset = offset;
            this.strides = strides;
        }
    }

    /**
     * A box.
     *
     * @param elementBytes the size of an element, bytes: 1, 2, 4, 8 or 16
     * @param dims the dimensions of the box, in the order of the output
     * @param source the source
     * @param target the target
     * @return the box, or null if it has no elements
     */
    public static CopyBox of(int elementBytes, long[] dims, Source source, Target target) {
        List<Axis> axes = new ArrayList<>();
        for (int d = 0; d < dims.length; d++) {
            if (dims[d] == 0) {
                return null;
            }
            long in = source.strides[d] * elementBytes;
            add(axes, new Axis(dims[d], in, target.strides[d] * elementBytes));
        }
        int width = elementBytes;
        if (width > MAX_WIDTH) {
            add(axes, new Axis(width / MAX_WIDTH, source.operand == NO_INPUT ? 0 : MAX_WIDTH, MAX_WIDTH));
            width = MAX_WIDTH;
        }
        Axis last = axes.isEmpty() ? null : axes.getLast();
        if (last != null && last.in == width && last.out == width && axes.size() > 1) {
            long run = last.size * width;
            if (run <= MAX_WIDTH && Long.bitCount(run) == 1) {
                axes.removeLast();
                width = (int) run;
            }
        }
        return new CopyBox(source, target, width, axes);
    }

    private static void add(List<Axis> axes, Axis next) {
        if (next.size == 1) {
            return;
        }
        Axis last = axes.isEmpty() ? null : axes.getLast();
        if (last != null && last.in == next.in * next.size && last.out == next.out * next.size) {
            axes.set(axes.size() - 1, new Axis(last.size * next.size, next.in, next.out));
        } else {
            axes.add(next);
        }
    }

    /** The dimension that is contiguous in the input, if it is worth a transposition by tiles; else -1. */
    private static int transposedRows(Axis columns, int width, List<Axis> rest) {
        if (columns.out != width || columns.in == width || columns.in == 0 || columns.size < MIN_TRANSPOSE) {
            return -1;
        }
        for (int d = 0; d < rest.size(); d++) {
            Axis axis = rest.get(d);
            boolean planes = columns.size <= maxPlanes(width) && axis.out == columns.size * width;
            if (axis.in == width && axis.size >= (planes ? MIN_LOOP : MIN_TRANSPOSE)) {
                return planes ? -1 : d;
            }
        }
        return -1;
    }

    /** The maximum number of planes that are interleaved, and not transposed by tiles. */
    private static int maxPlanes(int width) {
        return width == Integer.BYTES ? MAX_PLANES : MIN_TRANSPOSE - 1;
    }

    /** The dimension of a few elements that are contiguous in the output, for each column of the input; else -1. */
    private static int interleavedRows(Axis columns, int width, List<Axis> rest) {
        for (int d = 0; d < rest.size() && columns.in == width; d++) {
            Axis axis = rest.get(d);
            if (axis.out == width && axis.size <= maxPlanes(width) && columns.out == axis.size * width) {
                return d;
            }
        }
        return -1;
    }

    /** The dimension of a few elements that are contiguous in the input, for each column of the output; else -1. */
    private static int deinterleavedRows(Axis columns, int width, List<Axis> rest) {
        if (width != Integer.BYTES || columns.out != width || columns.size < MIN_LOOP) {
            return -1;
        }
        for (int d = 0; d < rest.size(); d++) {
            Axis axis = rest.get(d);
            if (axis.in == width && axis.size <= MAX_PLANES && columns.in == axis.size * width) {
                return d;
            }
        }
        return -1;
    }

    /** Swaps a last dimension that is too short for a loop with the longest one. Returns the new last dimension. */
    private static Axis swapIfShort(Axis last, List<Axis> rest) {
        int best = longest(rest);
        return best < 0 || last.size >= MIN_LOOP || rest.get(best).size <= last.size ? last : rest.set(best, last);
    }

    private static Kind kind(Axis columns, int width, int transposed) {
        if (columns.in == 0) {
            return Kind.FILL;
        }
        if (columns.in == width && columns.out == width) {
            return Kind.RUNS;
        }
        return transposed >= 0 ? Kind.TRANSPOSE : Kind.STRIDED;
    }

    private static int longest(List<Axis> axes) {
        int best = axes.size() - 1;
        for (int d = best - 1; d >= 0; d--) {
            if (axes.get(best).size < MIN_TRANSPOSE && axes.get(d).size > axes.get(best).size) {
                best = d;
            }
        }
        return best;
    }

    private static long tile(long size, int max) {
        long even = Math.ceilDiv(size, Math.ceilDiv(size, max));
        return Math.min(size, Math.ceilDiv(even, 16) * 16);
    }

    /** {@return how columns and rows are stored} */
    public Kind kind() {
        return kind;
    }

    /**
     * Whether blocks are transposed, with elements of a given size.
     *
     * @param bytes the size of an element, bytes
     * @return true if rows are contiguous in the input, columns in the output, and elements have this size
     */
    public boolean transposes(int bytes) {
        return kind == Kind.TRANSPOSE && width == bytes;
    }

    /** {@return whether the box is larger than all caches} */
    public boolean exceedsCaches() {
        return exceedsCaches;
    }

    /** {@return the maximum rows of a block} */
    public int blockRows() {
        return blockRows;
    }

    /** {@return the maximum columns of a block} */
    public int blockColumns() {
        return blockColumns;
    }

    /** {@return about the number of elements of the box: partial blocks count as whole ones} */
    public long elements() {
        return blocks * blockRows * blockColumns;
    }

    /** {@return the size of an element after merging, bytes: 1, 2, 4 or 8} */
    public int width() {
        return width;
    }

    /** {@return the value to fill with, in the low bits, for boxes without an input} */
    public long fill() {
        return fill;
    }

    /** {@return the stride of rows in the input, bytes} */
    public long inputRowStride() {
        return rows.in;
    }

    /** {@return the stride of rows in the output, bytes} */
    public long outputRowStride() {
        return rows.out;
    }

    /** {@return the stride of columns in the input, bytes} */
    public long inputColumnStride() {
        return columns.in;
    }

    /** {@return the stride of columns in the output, bytes} */
    public long outputColumnStride() {
        return columns.out;
    }

    /** {@return the size of a contiguous row, bytes; 0 if columns are not contiguous in both operands} */
    public long runBytes() {
        return kind == Kind.RUNS ? columns.size * width : 0;
    }

    int input() {
        return input;
    }

    int parts() {
        return (int) Math.ceilDiv(blocks, blocksPerPart);
    }

    /** A rough estimate: 32 bytes a nanosecond for runs, else 1 element a nanosecond. */
    long partNanos() {
        long rowCount = blocksPerPart * blockRows;
        boolean contiguous = kind == Kind.RUNS || kind == Kind.FILL;
        return contiguous ? rowCount * (2 + (long) blockColumns * width / 32) : rowCount * blockColumns;
    }

    /** Whether the box is one contiguous run that starts at offset 0 of both operands. */
    boolean isIdentity() {
        return kind == Kind.RUNS && rows.size == 1 && outerSizes.length == 0 && inAt == 0 && outAt == 0;
    }

    void run(MemorySegment[] operands, int part, BlockCopier copier, MemorySegment scratch) {
        MemorySegment in = input == NO_INPUT ? null : operands[input];
        MemorySegment out = operands[output];
        long to = Math.min(blocks, (part + 1) * blocksPerPart);
        for (long block = part * blocksPerPart; block < to; block++) {
            long outer = block / columnBlocks;
            long column = block % columnBlocks * blockColumns;
            long row = outer % rowBlocks * blockRows;
            outer /= rowBlocks;
            long i = inAt + row * rows.in + column * columns.in;
            long o = outAt + row * rows.out + column * columns.out;
            for (int d = outerSizes.length - 1; d >= 0; d--) {
                long index = outer % outerSizes[d];
                outer /= outerSizes[d];
                i += index * outerIn[d];
                o += index * outerOut[d];
            }
            int rowCount = (int) Math.min(blockRows, rows.size - row);
            int columnCount = (int) Math.min(blockColumns, columns.size - column);
            copier.copy(this, in, i, out, o, rowCount, columnCount, scratch);
        }
    }
}
