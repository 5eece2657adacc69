package dev.tenon.kernel.copy;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * A box of elements that is copied from one operand to another with strides, or filled. Made by {@link #of}, which
 * brings every copy to the same form: dimensions of 1 are dropped, neighbours that lie together in both operands are
 * merged, elements that lie together become wider ones; what is left are two inner dimensions, columns and rows, and any
 * number of outer ones. The box is cut into blocks of rows and columns, and the blocks into parts, by its shape alone.
 *
 * <p>Offsets and strides are in bytes; strides may be negative or, in the input, 0. Immutable.
 */
public final class CopyBox {
    /** The input of a box that is filled with a value known beforehand. */
    public static final int NO_INPUT = -1;

    /** How the innermost dimension lies, which decides how it is copied. */
    public enum Kind {
        /** Columns lie together in both operands. */
        RUNS,
        /** All columns of a row come from one element. */
        FILL,
        /** Columns lie together in the output, rows in the input. */
        TRANSPOSE,
        /** Columns lie together in the input, and the few rows of a column in the output. */
        INTERLEAVE,
        /** Columns lie together in the output, and the few rows of a column in the input; elements have four bytes. */
        SEPARATE,
        /** Anything else. */
        STRIDED
    }

    private static final long PART_BYTES = 128 << 10;
    private static final long PART_ELEMENTS = 16 << 10;
    private static final int TILE = 128;

    /** Elements of a tile of a box that is {@link #isLarge}: what the second level holds twice. */
    private static final int LARGE_TILE = 1 << 16;

    /** Its rows, where there are as many: runs of the input that are long enough for a prefetcher to gain. */
    private static final int LONG_ROWS = 1024;

    /** Its columns at least. */
    private static final int FEWEST = 64;

    /** Bytes from which on a box lies in no cache. */
    private static final long LARGE_BYTES = 16 << 20;

    private static final int SMALLEST_TRANSPOSE = 4;
    private static final int SHORTEST_LOOP = 8;

    /** Planes of elements of four bytes that are more are transposed by tiles. */
    private static final int MOST_PLANES = 7;

    private static final long MAX_PARTS = 1 << 20;
    private static final int WIDEST = 8;

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
    private final int columnStep;
    private final int rowStep;
    private final long columnBlocks;
    private final long rowBlocks;
    private final long blocks;
    private final long blocksPerPart;
    private final boolean large;

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
        int separate = separate(last, width, rest);
        int across = separate >= 0 ? -1 : across(last, width, rest);
        if (separate < 0 && across < 0 && kind(last, width, across) != Kind.RUNS) {
            last = exchangeShort(last, rest);
        }
        this.columns = last;
        int few = separate < 0 && across < 0 ? few(columns, width, rest) : -1;
        this.kind = separate >= 0 ? Kind.SEPARATE : few >= 0 ? Kind.INTERLEAVE : kind(columns, width, across);
        int row = separate >= 0 ? separate : few >= 0 ? few : kind == Kind.TRANSPOSE ? across : longest(rest);
        this.rows = row < 0 ? new Axis(1, 0, 0) : rest.remove(row);
        this.outerSizes = rest.stream().mapToLong(Axis::size).toArray();
        this.outerIn = rest.stream().mapToLong(Axis::in).toArray();
        this.outerOut = rest.stream().mapToLong(Axis::out).toArray();
        long perPart = kind == Kind.RUNS || kind == Kind.FILL ? PART_BYTES / width : PART_ELEMENTS;
        boolean planes = kind == Kind.INTERLEAVE || kind == Kind.SEPARATE;
        long most = planes ? perPart / rows.size : perPart;
        long outer = 1;
        for (long size : outerSizes) {
            outer *= size;
        }
        this.large = outer * rows.size * columns.size * width >= LARGE_BYTES;
        if (kind == Kind.TRANSPOSE) {
            this.rowStep = (int) tile(rows.size, large ? LONG_ROWS : TILE);
            this.columnStep = (int) tile(columns.size, large ? Math.max(FEWEST, LARGE_TILE / rowStep) : TILE);
        } else {
            this.columnStep = (int) Math.min(columns.size, most);
            this.rowStep = (int) Math.min(rows.size, Math.max(1, perPart / columnStep));
        }
        this.columnBlocks = Math.ceilDiv(columns.size, columnStep);
        this.rowBlocks = Math.ceilDiv(rows.size, rowStep);
        this.blocks = outer * rowBlocks * columnBlocks;
        long least = Math.max(1, perPart / ((long) rowStep * columnStep));
        this.blocksPerPart = Math.max(least, Math.ceilDiv(blocks, MAX_PARTS));
    }

    /** Where a box comes from. */
    public static final class Source {
        private final int operand;
        private final long offset;
        private final long[] strides;
        private final long fill;

        /**
         * A place in an input.
         *
         * @param operand the index of the operand
         * @param offset the place of the first element, bytes
         * @param strides the distance of neighbours along each dimension, elements
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
         * @param fill its bits, in the low ones
         * @param rank the number of dimensions
         */
        public Source(long fill, int rank) {
            this.operand = NO_INPUT;
            this.offset = 0;
            this.strides = new long[rank];
            this.fill = fill;
        }
    }

    /** Where a box goes to. */
    public static final class Target {
        private final int operand;
        private final long offset;
        private final long[] strides;

        /**
         * A place in an output.
         *
         * @param operand the index of the operand
         * @param offset the place of the first element, bytes
         * @param strides the distance of neighbours along each dimension, elements
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
     * @param elementBytes the size of an element: 1, 2, 4, 8 or 16
     * @param dims the dimensions of the box, in the order in which they lie in the output
     * @param source where it comes from
     * @param target where it goes to
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
        if (width > WIDEST) {
            add(axes, new Axis(width / WIDEST, source.operand == NO_INPUT ? 0 : WIDEST, WIDEST));
            width = WIDEST;
        }
        Axis last = axes.isEmpty() ? null : axes.getLast();
        if (last != null && last.in == width && last.out == width && axes.size() > 1) {
            long run = last.size * width;
            if (run <= WIDEST && Long.bitCount(run) == 1) {
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

    /** The dimension that lies together in the input, if the columns do not; else -1. */
    private static int across(Axis columns, int width, List<Axis> rest) {
        if (columns.out != width || columns.in == width || columns.in == 0 || columns.size < SMALLEST_TRANSPOSE) {
            return -1;
        }
        for (int d = 0; d < rest.size(); d++) {
            Axis axis = rest.get(d);
            boolean planes = columns.size <= most(width) && axis.out == columns.size * width;
            if (axis.in == width && axis.size >= (planes ? SHORTEST_LOOP : SMALLEST_TRANSPOSE)) {
                return planes ? -1 : d;
            }
        }
        return -1;
    }

    /** The most planes that are not transposed by tiles. */
    private static int most(int width) {
        return width == Integer.BYTES ? MOST_PLANES : SMALLEST_TRANSPOSE - 1;
    }

    /** The dimension of a few elements that lie together in the output between the columns of the input, else -1. */
    private static int few(Axis columns, int width, List<Axis> rest) {
        for (int d = 0; d < rest.size() && columns.in == width; d++) {
            Axis axis = rest.get(d);
            if (axis.out == width && axis.size <= most(width) && columns.out == axis.size * width) {
                return d;
            }
        }
        return -1;
    }

    /** The dimension of a few elements that lie together in the input between the columns of the output, else -1. */
    private static int separate(Axis columns, int width, List<Axis> rest) {
        if (width != Integer.BYTES || columns.out != width || columns.size < SHORTEST_LOOP) {
            return -1;
        }
        for (int d = 0; d < rest.size(); d++) {
            Axis axis = rest.get(d);
            if (axis.in == width && axis.size <= MOST_PLANES && columns.in == axis.size * width) {
                return d;
            }
        }
        return -1;
    }

    /** Puts the longest dimension in place of a last one that is too short for a loop. */
    private static Axis exchangeShort(Axis last, List<Axis> rest) {
        int best = longest(rest);
        return best < 0 || last.size >= SHORTEST_LOOP || rest.get(best).size <= last.size ? last : rest.set(best, last);
    }

    private static Kind kind(Axis columns, int width, int across) {
        if (columns.in == 0) {
            return Kind.FILL;
        }
        if (columns.in == width && columns.out == width) {
            return Kind.RUNS;
        }
        return across >= 0 ? Kind.TRANSPOSE : Kind.STRIDED;
    }

    private static int longest(List<Axis> axes) {
        int best = axes.size() - 1;
        for (int d = best - 1; d >= 0; d--) {
            if (axes.get(best).size < SMALLEST_TRANSPOSE && axes.get(d).size > axes.get(best).size) {
                best = d;
            }
        }
        return best;
    }

    private static long tile(long size, int most) {
        long even = Math.ceilDiv(size, Math.ceilDiv(size, most));
        return Math.min(size, Math.ceilDiv(even, 16) * 16);
    }

    /** {@return how the innermost dimension lies} */
    public Kind kind() {
        return kind;
    }

    /**
     * Whether blocks of this are transposed.
     *
     * @param bytes the size of their elements
     * @return whether rows lie together in the input, columns in the output, and elements are of this size
     */
    public boolean transposes(int bytes) {
        return kind == Kind.TRANSPOSE && width == bytes;
    }

    /** {@return whether it lies in no cache} */
    public boolean isLarge() {
        return large;
    }

    /** {@return the most rows of a block} */
    public int blockRows() {
        return rowStep;
    }

    /** {@return the most columns of a block} */
    public int blockColumns() {
        return columnStep;
    }

    /** About the number of elements of the box: blocks at its ends count as whole ones. */
    public long elements() {
        return blocks * rowStep * columnStep;
    }

    /** {@return the bytes that are copied at a time: 1, 2, 4 or 8} */
    public int width() {
        return width;
    }

    /** {@return the bits of the value to fill with, in the low ones, for boxes without an input} */
    public long fill() {
        return fill;
    }

    /** {@return the distance of neighbouring rows in the input, bytes} */
    public long rowIn() {
        return rows.in;
    }

    /** {@return the distance of neighbouring rows in the output, bytes} */
    public long rowOut() {
        return rows.out;
    }

    /** {@return the distance of neighbouring columns in the input, bytes} */
    public long columnIn() {
        return columns.in;
    }

    /** {@return the distance of neighbouring columns in the output, bytes} */
    public long columnOut() {
        return columns.out;
    }

    /** {@return the bytes of a row that lie together; 0 if its columns do not} */
    public long runBytes() {
        return kind == Kind.RUNS ? columns.size * width : 0;
    }

    int input() {
        return input;
    }

    int parts() {
        return (int) Math.ceilDiv(blocks, blocksPerPart);
    }

    /** A rough estimate: 32 bytes a nanosecond where runs are copied, 1 element where not. */
    long partNanos() {
        long rowCount = blocksPerPart * rowStep;
        boolean together = kind == Kind.RUNS || kind == Kind.FILL;
        return together ? rowCount * (2 + (long) columnStep * width / 32) : rowCount * columnStep;
    }

    /** Whether all is one run, at the start of both operands. */
    boolean isWhole() {
        return kind == Kind.RUNS && rows.size == 1 && outerSizes.length == 0 && inAt == 0 && outAt == 0;
    }

    void run(MemorySegment[] operands, int part, BlockCopier copier, MemorySegment scratch) {
        MemorySegment in = input == NO_INPUT ? null : operands[input];
        MemorySegment out = operands[output];
        long to = Math.min(blocks, (part + 1) * blocksPerPart);
        for (long block = part * blocksPerPart; block < to; block++) {
            long outer = block / columnBlocks;
            long column = block % columnBlocks * columnStep;
            long row = outer % rowBlocks * rowStep;
            outer /= rowBlocks;
            long i = inAt + row * rows.in + column * columns.in;
            long o = outAt + row * rows.out + column * columns.out;
            for (int d = outerSizes.length - 1; d >= 0; d--) {
                long index = outer % outerSizes[d];
                outer /= outerSizes[d];
                i += index * outerIn[d];
                o += index * outerOut[d];
            }
            int rowCount = (int) Math.min(rowStep, rows.size - row);
            int columnCount = (int) Math.min(columnStep, columns.size - column);
            copier.copy(this, in, i, out, o, rowCount, columnCount, scratch);
        }
    }
}
