package dev.tenon.kernel.elementwise;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.MemoryMoves;
import dev.tenon.tensor.TensorType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The driver of all element-wise kernels: it cuts the result into parts and runs, finds where the operands of a run
 * lie, and calls a {@link TileLoop}. Operands that repeat in runs too short for a loop, and the last elements that do
 * not fill a granule, pass through scratch memory.
 *
 * <p>More than two operands of a {@link BinaryLoop} are combined from left to right, tile by tile.
 */
public final class ElementwiseKernel implements Kernel {
    /** Runs of fewer elements are not worth a call of a loop. */
    private static final int SHORTEST_RUN = 32;

    /** Runs of fewer elements are not worth a granule that they do not fill. */
    private static final int SHORTEST_UNEVEN_RUN = 512;

    /** Longer rows gain nothing from being repeated side by side. */
    private static final int LONGEST_ROW = 512;

    private static final int STAGED_TILE = 1024;
    private static final int LONGEST_TILE = 1 << 20;
    private static final long PART_PICOS = 15_000_000;
    private static final long SMALLEST_PART = 1024;
    private static final long LARGEST_PART = 1 << 16;
    private static final int WIDEST_ELEMENT = 8;
    private static final long ALIGNMENT = 64;

    /**
     * What a kernel is made of beside its problem.
     *
     * @param id the kernel's name
     * @param loop the loop
     * @param granule the number of elements that the loop takes a multiple of, a power of two
     * @param picos estimated work for an element, picoseconds
     * @param last what is done to each tile of the result at the end, or null
     * @param absent the bits that stand for an operand that is left out
     */
    public record Body(String id, TileLoop loop, int granule, long picos, UnaryLoop last, long[] absent) {}

    private final Body body;
    private final BroadcastGrid grid;
    private final int inputs;
    private final int place;
    private final boolean[] absent;
    private final int[] width;
    private final int[] step;
    private final boolean[] spread;
    /** Whether what is spread is the same for every tile of a call. */
    private final boolean once;

    private final long inner;
    private final int tile;
    private final long slot;
    private final boolean usesScratch;
    private final long partElements;
    private final int parts;

    public ElementwiseKernel(ElementwiseProblem problem, Body body) {
        this.body = body;
        this.grid = BroadcastGrid.of(problem.inputs(), problem.output());
        this.inputs = problem.inputs().size();
        this.place = problem.place();
        this.absent = new boolean[inputs];
        this.width = new int[inputs + 1];
        this.step = new int[inputs];
        this.spread = new boolean[inputs];
        width[inputs] = problem.output().dtype().bits() / Byte.SIZE;
        boolean staged = false;
        boolean missing = false;
        long rows = repeatableRows(grid, inputs, body.granule());
        this.once = rows > 0;
        boolean even = grid.inner() % body.granule() == 0;
        boolean isShort = grid.inner() < (even ? SHORTEST_RUN : SHORTEST_UNEVEN_RUN);
        boolean flat = (once || isShort) && grid.inner() < grid.size();
        for (int k = 0; k < inputs; k++) {
            TensorType type = problem.inputs().get(k);
            absent[k] = type == null;
            missing |= absent[k];
            width[k] = type == null ? WIDEST_ELEMENT : type.dtype().bits() / Byte.SIZE;
            boolean single = grid.size() > 1 && grid.isSingle(k);
            spread[k] = flat && !single && !grid.isDense(k);
            step[k] = single || absent[k] ? 0 : flat || grid.size() == 1 ? 1 : grid.innerStep(k);
            staged |= spread[k];
        }
        this.inner = flat ? Math.max(1, grid.size()) : grid.inner();
        this.tile = once ? (int) (rows * grid.inner()) : staged ? STAGED_TILE : LONGEST_TILE;
        this.slot = Math.max(ALIGNMENT, (long) (staged ? STAGED_TILE : body.granule()) * WIDEST_ELEMENT);
        this.usesScratch = staged || missing || body.granule() > 1;
        long ideal = Math.clamp(PART_PICOS / body.picos(), SMALLEST_PART, LARGEST_PART);
        this.partElements = ideal / SMALLEST_PART * SMALLEST_PART;
        this.parts = (int) Math.min(Integer.MAX_VALUE, Math.max(1, (grid.size() + partElements - 1) / partElements));
    }

    /**
     * The number of rows of the innermost dimension that a tile holds if all operands that repeat are rows of it, so
     * that one tile of repeated rows serves for all; 0 if they are not, or rows do not add up to granules.
     */
    private static long repeatableRows(BroadcastGrid grid, int inputs, int granule) {
        long row = grid.inner();
        boolean some = false;
        for (int k = 0; k < inputs; k++) {
            if (!grid.isSingle(k) && !grid.isDense(k)) {
                if (!grid.isRow(k)) {
                    return 0;
                }
                some = true;
            }
        }
        if (!some || row > LONGEST_ROW) {
            return 0;
        }
        long rows = 1;
        while (rows * row % granule != 0) {
            rows *= 2;
        }
        return rows * row > STAGED_TILE ? 0 : STAGED_TILE / (rows * row) * rows;
    }

    @Override
    public String id() {
        return body.id();
    }

    @Override
    public int parts() {
        return parts;
    }

    @Override
    public long partNanos() {
        return Math.max(1, Math.min(partElements, grid.size()) * body.picos() / 1000);
    }

    @Override
    public long scratchBytes() {
        return usesScratch ? slot * (inputs + 1) : 0;
    }

    @Override
    public boolean inPlace(int input, int output) {
        // A third operand is read after the first two have been combined into the result.
        return input < inputs
                && inputs <= 2 + (body.loop() instanceof TernaryLoop ? 1 : 0)
                && !absent[input]
                && grid.isDense(input)
                && width[input] == width[inputs];
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        for (int k = 0; k < inputs; k++) {
            if (absent[k]) {
                scratch.set(ValueLayout.JAVA_LONG, slot * k, body.absent()[k]);
            }
        }
        long at = from * partElements;
        long end = Math.min(grid.size(), to * partElements);
        for (int k = 0; k < inputs && once && at < end; k++) {
            if (spread[k]) {
                spread(k, operands[k], scratch, at, tile);
            }
        }
        long run = at / Math.max(1, inner);
        long within = at - run * inner;
        while (at < end) {
            int n = (int) Math.min(Math.min(inner - within, end - at), tile);
            int whole = n & -body.granule();
            if (whole > 0) {
                piece(operands, scratch, run, within, at, 0, whole);
            }
            if (whole < n) {
                piece(operands, scratch, run, within, at, whole, n - whole);
            }
            at += n;
            within += n;
            if (within == inner) {
                within = 0;
                run++;
            }
        }
    }

    /**
     * Computes a piece of a tile: all granules that are full, or the elements behind them by way of scratch memory.
     *
     * @param run the run of the innermost dimension
     * @param within where the tile starts in the run
     * @param at where the tile starts in the result
     * @param done the elements of the tile before the piece
     * @param n the elements of the piece
     */
    private void piece(
            MemorySegment[] operands, MemorySegment scratch, long run, long within, long at, int done, int n) {
        boolean partial = n < body.granule();
        for (int k = 0; k < inputs; k++) {
            if (spread[k] && !once) {
                spread(k, operands[k], scratch, at + done, n);
            } else if (partial && step[k] == 1 && !spread[k]) {
                MemoryMoves.copy(operands[k], address(k, run, within + done), scratch, slot * k, (long) n * width[k]);
            }
        }
        MemorySegment y = partial ? scratch : operands[place];
        long yAt = partial ? slot * inputs : (at + done) * width[inputs];
        int count = partial ? body.granule() : n;
        if (body.loop() instanceof UnaryLoop loop) {
            loop.run(source(0, operands, scratch, partial), start(0, run, within, done, partial), y, yAt, count);
        } else if (body.loop() instanceof BinaryLoop loop) {
            chain(loop, operands, scratch, run, within, done, partial, y, yAt, count);
        } else if (body.loop() instanceof TernaryLoop loop) {
            loop.run(
                    source(0, operands, scratch, partial),
                    start(0, run, within, done, partial),
                    step[0],
                    source(1, operands, scratch, partial),
                    start(1, run, within, done, partial),
                    step[1],
                    source(2, operands, scratch, partial),
                    start(2, run, within, done, partial),
                    step[2],
                    y,
                    yAt,
                    count);
        }
        if (body.last() != null) {
            body.last().run(y, yAt, y, yAt, count);
        }
        if (partial) {
            MemoryMoves.copy(scratch, yAt, operands[place], (at + done) * width[inputs], (long) n * width[inputs]);
        }
    }

    private void chain(
            BinaryLoop loop,
            MemorySegment[] operands,
            MemorySegment scratch,
            long run,
            long within,
            int done,
            boolean partial,
            MemorySegment y,
            long yAt,
            int count) {
        MemorySegment first = source(0, operands, scratch, partial);
        long firstAt = start(0, run, within, done, partial);
        if (inputs == 1) {
            MemoryMoves.copy(first, firstAt, y, yAt, (long) count * width[0]);
            return;
        }
        int next = 2;
        if (step[0] + step[1] > 0) {
            MemorySegment second = source(1, operands, scratch, partial);
            loop.run(first, firstAt, step[0], second, start(1, run, within, done, partial), step[1], y, yAt, count);
        } else {
            // A later operand alone is as long as the result.
            MemoryMoves.fill(first, firstAt, y, yAt, count, width[0]);
            next = 1;
        }
        for (int k = next; k < inputs; k++) {
            MemorySegment other = source(k, operands, scratch, partial);
            loop.run(y, yAt, 1, other, start(k, run, within, done, partial), step[k], y, yAt, count);
        }
    }

    private boolean inScratch(int k, boolean partial) {
        return absent[k] || spread[k] || partial && step[k] == 1;
    }

    private MemorySegment source(int k, MemorySegment[] operands, MemorySegment scratch, boolean partial) {
        return inScratch(k, partial) ? scratch : operands[k];
    }

    private long start(int k, long run, long within, int done, boolean partial) {
        if (spread[k] && once) {
            return slot * k + (long) done * width[k];
        }
        return inScratch(k, partial) ? slot * k : address(k, run, within + done);
    }

    /** Where an operand's element lies. In flat runs, what is not spread is dense or single. */
    private long address(int k, long run, long within) {
        long element = inner == grid.inner() ? grid.offset(k, run) + within * step[k] : within * step[k];
        return element * width[k];
    }

    /** Writes the elements that an operand has for n elements of the result side by side into scratch memory. */
    private void spread(int k, MemorySegment operand, MemorySegment scratch, long at, int n) {
        grid.spread(k, operand, width[k], at, n, scratch, slot * k);
    }

    /** What the kernel is made of. */
    public Body body() {
        return body;
    }
}
