package dev.tenon.kernel.elementwise;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.MemoryMoves;
import dev.tenon.tensor.TensorType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The kernel of all element-wise operators. It splits the result into parts and tiles, finds the operands of each tile, and
 * calls a {@link TileLoop} for it. A tile is within one row of the {@link BroadcastGrid}, or spans rows if they are short.
 *
 * <p>Two kinds of operands pass through scratch memory: a broadcast operand, if rows are too short for one call each, and
 * the last elements of a tile, if they do not fill a granule.
 *
 * <p>More than two operands of a {@link BinaryLoop} are combined from left to right, tile by tile.
 */
public final class ElementwiseKernel implements Kernel {
    /** Rows of fewer elements are too short for a call of a loop. */
    private static final int MIN_RUN = 32;

    /** Rows of fewer elements are too short for a call of a loop, if the last granule of the row is not full. */
    private static final int MIN_UNEVEN_RUN = 512;

    /** Rows of more elements gain nothing from being repeated in scratch memory. */
    private static final int MAX_REPEATED_ROW = 512;

    /** The elements of a tile if an operand is expanded in scratch memory. */
    private static final int EXPANDED_TILE = 1024;

    private static final int MAX_TILE = 1 << 20;
    private static final long PART_PICOS = 15_000_000;
    private static final long MIN_PART = 1024;
    private static final long MAX_PART = 1 << 16;

    /** The size of the largest element, bytes. */
    private static final int MAX_WIDTH = 8;

    private static final long ALIGNMENT = 64;

    /**
     * The loop of a kernel and its properties.
     *
     * @param id the kernel's name
     * @param loop the loop
     * @param granule the number of elements that the loop takes a multiple of, a power of two
     * @param picos an estimate of the work for an element, picoseconds
     * @param last a loop that runs on each tile of the result after {@code loop}, in place; null for none
     * @param absentBits the bits that stand for an element of each operand that is left out
     */
    public record LoopSpec(String id, TileLoop loop, int granule, long picos, UnaryLoop last, long[] absentBits) {}

    private final LoopSpec spec;
    private final BroadcastGrid grid;
    private final int inputs;
    private final int outputIndex;
    private final boolean[] absent;

    /** The size of an element of each operand and of the result, bytes. */
    private final int[] widths;

    /** The step of each operand, see {@link TileLoop}. */
    private final int[] steps;

    /** Which operands are expanded in scratch memory. */
    private final boolean[] expanded;

    /** Whether the expanded operands are the same for every tile, so that a run expands them once. */
    private final boolean expandsOnce;

    private final long inner;
    private final int tile;
    private final long slotBytes;
    private final boolean usesScratch;
    private final long partElements;
    private final int parts;

    /**
     * A kernel.
     *
     * @param problem the operator and its operands
     * @param spec the loop
     */
    public ElementwiseKernel(ElementwiseProblem problem, LoopSpec spec) {
        this.spec = spec;
        this.grid = BroadcastGrid.of(problem.inputs(), problem.output());
        this.inputs = problem.inputs().size();
        this.outputIndex = problem.outputIndex();
        this.absent = new boolean[inputs];
        this.widths = new int[inputs + 1];
        this.steps = new int[inputs];
        this.expanded = new boolean[inputs];
        widths[inputs] = problem.output().dtype().bits() / Byte.SIZE;
        boolean expands = false;
        boolean missing = false;
        long rows = repeatableRows(grid, inputs, spec.granule());
        this.expandsOnce = rows > 0;
        boolean even = grid.inner() % spec.granule() == 0;
        boolean isShort = grid.inner() < (even ? MIN_RUN : MIN_UNEVEN_RUN);
        boolean flat = (expandsOnce || isShort) && grid.inner() < grid.size();
        for (int k = 0; k < inputs; k++) {
            TensorType type = problem.inputs().get(k);
            absent[k] = type == null;
            missing |= absent[k];
            widths[k] = type == null ? MAX_WIDTH : type.dtype().bits() / Byte.SIZE;
            boolean scalar = grid.size() > 1 && grid.isScalar(k);
            expanded[k] = flat && !scalar && !grid.isDense(k);
            steps[k] = scalar || absent[k] ? 0 : flat || grid.size() == 1 ? 1 : grid.innerStep(k);
            expands |= expanded[k];
        }
        this.inner = flat ? Math.max(1, grid.size()) : grid.inner();
        this.tile = expandsOnce ? (int) (rows * grid.inner()) : expands ? EXPANDED_TILE : MAX_TILE;
        this.slotBytes = Math.max(ALIGNMENT, (long) (expands ? EXPANDED_TILE : spec.granule()) * MAX_WIDTH);
        this.usesScratch = expands || missing || spec.granule() > 1;
        long ideal = Math.clamp(PART_PICOS / spec.picos(), MIN_PART, MAX_PART);
        this.partElements = ideal / MIN_PART * MIN_PART;
        this.parts = (int) Math.min(Integer.MAX_VALUE, Math.max(1, (grid.size() + partElements - 1) / partElements));
    }

    /**
     * The number of grid rows in a tile, if every broadcast operand is the same for all rows: it is then repeated in scratch
     * memory once and serves all tiles. 0 if an operand is not, or if rows do not add up to granules.
     */
    private static long repeatableRows(BroadcastGrid grid, int inputs, int granule) {
        long row = grid.inner();
        boolean repeats = false;
        for (int k = 0; k < inputs; k++) {
            if (!grid.isScalar(k) && !grid.isDense(k)) {
                if (!grid.isRow(k)) {
                    return 0;
                }
                repeats = true;
            }
        }
        if (!repeats || row > MAX_REPEATED_ROW) {
            return 0;
        }
        long rows = 1;
        while (rows * row % granule != 0) {
            rows *= 2;
        }
        return rows * row > EXPANDED_TILE ? 0 : EXPANDED_TILE / (rows * row) * rows;
    }

    @Override
    public String id() {
        return spec.id();
    }

    @Override
    public int parts() {
        return parts;
    }

    @Override
    public long partNanos() {
        return Math.max(1, Math.min(partElements, grid.size()) * spec.picos() / 1000);
    }

    @Override
    public long scratchBytes() {
        return usesScratch ? slotBytes * (inputs + 1) : 0;
    }

    @Override
    public boolean inPlace(int input, int output) {
        // A binary loop writes the result of its first two operands before it reads a third one.
        return input < inputs
                && inputs <= 2 + (spec.loop() instanceof TernaryLoop ? 1 : 0)
                && !absent[input]
                && grid.isDense(input)
                && widths[input] == widths[inputs];
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        for (int k = 0; k < inputs; k++) {
            if (absent[k]) {
                scratch.set(ValueLayout.JAVA_LONG, slotBytes * k, spec.absentBits()[k]);
            }
        }
        long at = from * partElements;
        long end = Math.min(grid.size(), to * partElements);
        for (int k = 0; k < inputs && expandsOnce && at < end; k++) {
            if (expanded[k]) {
                expand(k, operands[k], scratch, at, tile);
            }
        }
        long row = at / Math.max(1, inner);
        long within = at - row * inner;
        while (at < end) {
            int n = (int) Math.min(Math.min(inner - within, end - at), tile);
            int whole = n & -spec.granule();
            if (whole > 0) {
                piece(operands, scratch, row, within, 0, whole);
            }
            if (whole < n) {
                piece(operands, scratch, row, within + whole, whole, n - whole);
            }
            at += n;
            within += n;
            if (within == inner) {
                within = 0;
                row++;
            }
        }
    }

    /**
     * Computes a piece of a tile: its full granules, or the elements after them, which pass through scratch memory.
     *
     * @param row the row of the grid, or 0 if tiles span rows
     * @param within the first element of the piece in the row
     * @param done the elements of the tile before the piece
     * @param n the elements of the piece
     */
    private void piece(MemorySegment[] operands, MemorySegment scratch, long row, long within, int done, int n) {
        boolean partial = n < spec.granule();
        long at = row * inner + within;
        for (int k = 0; k < inputs; k++) {
            if (expanded[k] && !expandsOnce) {
                expand(k, operands[k], scratch, at, n);
            } else if (partial && steps[k] == 1 && !expanded[k]) {
                MemoryMoves.copy(operands[k], address(k, row, within), scratch, slotBytes * k, (long) n * widths[k]);
            }
        }
        MemorySegment y = partial ? scratch : operands[outputIndex];
        long yAt = partial ? slotBytes * inputs : at * widths[inputs];
        int count = partial ? spec.granule() : n;
        if (spec.loop() instanceof UnaryLoop loop) {
            loop.run(source(0, operands, scratch, partial), start(0, row, within, done, partial), y, yAt, count);
        } else if (spec.loop() instanceof BinaryLoop loop) {
            combine(loop, operands, scratch, row, within, done, n);
        } else if (spec.loop() instanceof TernaryLoop loop) {
            loop.run(
                    source(0, operands, scratch, partial),
                    start(0, row, within, done, partial),
                    source(1, operands, scratch, partial),
                    start(1, row, within, done, partial),
                    source(2, operands, scratch, partial),
                    start(2, row, within, done, partial),
                    TernaryLoop.steps(steps[0], steps[1], steps[2]),
                    y,
                    yAt,
                    count);
        }
        if (spec.last() != null) {
            spec.last().run(y, yAt, y, yAt, count);
        }
        if (partial) {
            MemoryMoves.copy(scratch, yAt, operands[outputIndex], at * widths[inputs], (long) n * widths[inputs]);
        }
    }

    /** Combines the operands of a piece from left to right. The arguments are those of {@link #piece}. */
    private void combine(
            BinaryLoop loop, MemorySegment[] operands, MemorySegment scratch, long row, long within, int done, int n) {
        boolean partial = n < spec.granule();
        MemorySegment y = partial ? scratch : operands[outputIndex];
        long yAt = partial ? slotBytes * inputs : (row * inner + within) * widths[inputs];
        int count = partial ? spec.granule() : n;
        MemorySegment first = source(0, operands, scratch, partial);
        long firstAt = start(0, row, within, done, partial);
        if (inputs == 1) {
            MemoryMoves.copy(first, firstAt, y, yAt, (long) count * widths[0]);
            return;
        }
        int next = 2;
        if (steps[0] + steps[1] > 0) {
            MemorySegment second = source(1, operands, scratch, partial);
            loop.run(first, firstAt, steps[0], second, start(1, row, within, done, partial), steps[1], y, yAt, count);
        } else {
            // Only a later operand is contiguous, and a loop needs one that is.
            MemoryMoves.fill(first, firstAt, y, yAt, count, widths[0]);
            next = 1;
        }
        for (int k = next; k < inputs; k++) {
            MemorySegment other = source(k, operands, scratch, partial);
            loop.run(y, yAt, 1, other, start(k, row, within, done, partial), steps[k], y, yAt, count);
        }
    }

    private boolean inScratch(int k, boolean partial) {
        return absent[k] || expanded[k] || partial && steps[k] == 1;
    }

    private MemorySegment source(int k, MemorySegment[] operands, MemorySegment scratch, boolean partial) {
        return inScratch(k, partial) ? scratch : operands[k];
    }

    /** The offset of an operand's elements for a piece, bytes. */
    private long start(int k, long row, long within, int done, boolean partial) {
        if (expanded[k] && expandsOnce) {
            return slotBytes * k + (long) done * widths[k];
        }
        return inScratch(k, partial) ? slotBytes * k : address(k, row, within);
    }

    /** The offset of an operand's element in its own memory, bytes. If tiles span rows, the operand is dense or a scalar. */
    private long address(int k, long row, long within) {
        long element = inner == grid.inner() ? grid.offset(k, row) + within * steps[k] : within * steps[k];
        return element * widths[k];
    }

    /** Writes an operand's element for each of n elements of the result into scratch memory. */
    private void expand(int k, MemorySegment operand, MemorySegment scratch, long at, int n) {
        grid.expand(k, operand, widths[k], at, n, scratch, slotBytes * k);
    }

    /** {@return the loop and its properties} */
    public LoopSpec spec() {
        return spec;
    }
}
