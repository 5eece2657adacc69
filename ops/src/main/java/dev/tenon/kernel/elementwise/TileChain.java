package dev.tenon.kernel.elementwise;

import dev.tenon.kernel.MemoryMoves;
import dev.tenon.kernel.TileEpilogue;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * A straight-line list of loops over a tile that stays in the first-level cache. Each loop reads operands of the kernel, the
 * previous contents of the result, or intermediate results that earlier loops left in scratch memory. The last loop writes
 * the result. Made by {@code TileChainBuilder}. Immutable; a run allocates nothing.
 *
 * <p>A tile is within one row of the {@link BroadcastGrid}, or spans rows if they are short. Operands that are neither
 * contiguous in a tile nor one element are expanded in scratch memory first. The last elements of a tile, if they do not fill
 * a granule, pass through scratch memory.
 *
 * <p>A chain has three uses: as a kernel ({@link TileChainKernel}), as an epilogue, and as a prologue. As an epilogue it works
 * on blocks whose rows are neighbouring elements of the whole result, which starts at byte 0 of its memory. As a prologue it
 * may leave its results in scratch memory, see {@link #withResultInScratchAt}.
 */
public final class TileChain implements TileEpilogue {
    /** A source that is the previous contents of the result. The kind of a source is in the two lower bits of its code. */
    public static final int IN_RESULT = 0;

    /** A source that is an intermediate result; the number of its slot is in the bits above the kind. */
    public static final int IN_SLOT = 1;

    /** A source that is an operand of the chain; its index is in the bits above the kind. */
    public static final int IN_OPERAND = 2;

    /** A source that is a constant; its index is in the bits above the kind. */
    public static final int IN_CONSTANT = 3;

    /** The number of bits that hold the kind of a source. */
    public static final int KIND_BITS = 2;

    /** The target of the loop that writes the result. */
    public static final int TO_RESULT = -1;

    /** Stands for results that are not left in scratch memory. */
    private static final long IN_PLACE = -1;

    private static final int KIND = (1 << KIND_BITS) - 1;

    /** The size of the largest element, bytes. */
    private static final int MAX_WIDTH = 8;

    private static final long ALIGNMENT = 64;

    /**
     * A loop of the chain.
     *
     * @param loop the loop
     * @param sources the codes of its operands
     * @param target the slot that it writes, or {@link #TO_RESULT}
     */
    public record Step(TileLoop loop, int[] sources, int target) {}

    /**
     * An operand of the kernel that the chain reads.
     *
     * @param index its index among the operands of the kernel
     * @param width the size of an element, bytes
     * @param step 1 if it is contiguous in a tile, in its own memory or expanded, 0 if it is one element
     * @param slot the slot in which it is expanded, or -1
     * @param dense whether it has one element for each element of the result, in the same order
     */
    public record Operand(int index, int width, int step, int slot, boolean dense) {}

    /**
     * How the result is cut into tiles.
     *
     * @param size the maximum number of elements of a tile
     * @param granule the number of elements that all loops take a multiple of
     * @param flat whether a tile may span rows of the grid
     * @param expandsOnce whether expanded operands are the same for all tiles, which then start multiples of {@code size} apart
     */
    public record Tiles(int size, int granule, boolean flat, boolean expandsOnce) {}

    /**
     * The loops and their operands.
     *
     * @param operands the operands that the loops read
     * @param steps the loops, in order
     * @param constants the bits of the constants that the loops read
     * @param slots the number of buffers for intermediate results and expanded operands
     */
    public record Program(Operand[] operands, Step[] steps, long[] constants, int slots) {}

    /**
     * The operand that the chain writes.
     *
     * @param index its index among the operands of the kernel
     * @param width the size of an element, bytes
     */
    public record Result(int index, int width) {}

    private final BroadcastGrid grid;
    private final Program program;
    private final Operand[] operands;
    private final Step[] steps;
    private final long[] constants;
    private final Tiles tiles;
    private final Result result;
    private final boolean readsResult;
    private final long base;
    private final long resultAt;
    private final long inner;

    /**
     * A chain whose scratch memory starts at 0.
     *
     * @param grid the grid of the result and of the operands, in the order of {@code program.operands()}
     * @param program the loops
     * @param tiles how the result is cut
     * @param result the operand that the chain writes
     */
    public TileChain(BroadcastGrid grid, Program program, Tiles tiles, Result result) {
        this(grid, program, tiles, result, 0, IN_PLACE);
    }

    private TileChain(BroadcastGrid grid, Program program, Tiles tiles, Result result, long base, long resultAt) {
        this.grid = grid;
        this.program = program;
        this.operands = program.operands();
        this.steps = program.steps();
        this.constants = program.constants();
        this.tiles = tiles;
        this.result = result;
        this.base = base;
        this.resultAt = resultAt;
        this.inner = Math.max(1, tiles.flat() ? grid.size() : grid.inner());
        boolean reads = false;
        for (Step step : steps) {
            for (int source : step.sources()) {
                reads |= (source & KIND) == IN_RESULT;
            }
        }
        this.readsResult = reads;
    }

    @Override
    public TileChain withScratchAt(long start) {
        return new TileChain(grid, program, tiles, result, start, resultAt);
    }

    /**
     * The same chain, with the results of a run in scratch memory. It must not read the previous contents of the result.
     *
     * @param offset the offset of the first element that a run computes, bytes
     */
    TileChain withResultInScratchAt(long offset) {
        return new TileChain(grid, program, tiles, result, base, offset);
    }

    // Scratch memory holds the constants, a granule of each operand, two granules of the result (written and read), the
    // slots.

    private long staged(int operand) {
        return base + ALIGNMENT * constants.length + (long) operand * stagedBytes();
    }

    private long stagedBytes() {
        return Math.max(ALIGNMENT, (long) tiles.granule() * MAX_WIDTH);
    }

    private long slot(int index) {
        return staged(operands.length + 2) + index * slotBytes();
    }

    private long slotBytes() {
        return (tiles.size() + (long) tiles.granule()) * MAX_WIDTH + ALIGNMENT & -ALIGNMENT;
    }

    @Override
    public long scratchBytes() {
        return slot(program.slots()) - base;
    }

    /** The number of elements of the result. */
    long size() {
        return grid.size();
    }

    /** The maximum number of elements of a tile. */
    int tile() {
        return tiles.size();
    }

    /** The number of loops. */
    int length() {
        return steps.length;
    }

    int granule() {
        return tiles.granule();
    }

    /** Whether a loop is in machine code. */
    boolean isAssembled() {
        for (Step step : steps) {
            if (step.loop().isAssembled()) {
                return true;
            }
        }
        return false;
    }

    /** Whether the result may occupy the memory of an operand of the kernel: each element is read before it is written. */
    boolean inPlace(int operand) {
        for (Operand o : operands) {
            if (o.index() == operand) {
                return o.dense() && o.slot() < 0 && o.width() == result.width();
            }
        }
        return false;
    }

    @Override
    public void apply(
            MemorySegment c,
            long byteOffset,
            int rows,
            int columns,
            long ldc,
            MemorySegment[] memory,
            MemorySegment scratch) {
        long at = byteOffset / result.width();
        if (ldc == inner && columns % tiles.granule() == 0 && hasOnlyRowLoop()) {
            runRows(c, byteOffset, rows, columns, memory);
            return;
        }
        if (columns == ldc) {
            run(memory, scratch, at, at + (long) rows * columns);
            return;
        }
        UnaryLoop loop = onlyLoop();
        if (loop != null && columns % tiles.granule() == 0) {
            loop.runRows(c, byteOffset, c, byteOffset, ldc * result.width(), rows, columns);
            return;
        }
        for (int row = 0; row < rows; row++, at += ldc) {
            run(memory, scratch, at, at + columns);
        }
    }

    /** Whether the chain is one loop that works on the result in place, with operands that are the same for all its rows. */
    private boolean hasOnlyRowLoop() {
        boolean alone = steps.length == 1 && resultAt == IN_PLACE && !tiles.flat();
        if (!alone || steps[0].loop() instanceof UnaryLoop || (steps[0].sources()[0] & KIND) != IN_RESULT) {
            return false;
        }
        for (int i = 1; i < steps[0].sources().length; i++) {
            int source = steps[0].sources()[i];
            int index = source >> KIND_BITS;
            boolean row = (source & KIND) == IN_OPERAND
                    && operands[index].slot() < 0
                    && operands[index].step() == 1
                    && grid.isRow(index)
                    && !grid.isDense(index);
            if (!row) {
                return false;
            }
        }
        return true;
    }

    /** Runs the only loop on rows of a block. */
    private void runRows(MemorySegment c, long byteOffset, int rows, int columns, MemorySegment[] memory) {
        int[] sources = steps[0].sources();
        long within = byteOffset / result.width() % inner;
        Operand second = operands[sources[1] >> KIND_BITS];
        long rowBytes = inner * result.width();
        MemorySegment b = memory[second.index()];
        long bAt = within * second.width();
        if (steps[0].loop() instanceof BinaryLoop loop) {
            loop.runRows(c, byteOffset, b, bAt, rowBytes, rows, columns);
        } else if (steps[0].loop() instanceof TernaryLoop loop) {
            Operand third = operands[sources[2] >> KIND_BITS];
            MemorySegment d = memory[third.index()];
            loop.runRows(c, byteOffset, b, bAt, d, within * third.width(), rowBytes, rows, columns);
        }
    }

    /** The loop of a chain of one loop that works on the result in place; null for other chains. */
    private UnaryLoop onlyLoop() {
        boolean alone = steps.length == 1 && resultAt == IN_PLACE && (steps[0].sources()[0] & KIND) == IN_RESULT;
        return alone && steps[0].loop() instanceof UnaryLoop loop ? loop : null;
    }

    /** Whether a loop reads an operand of the kernel. */
    boolean reads(int operand) {
        for (Operand o : operands) {
            if (o.index() == operand) {
                return true;
            }
        }
        return false;
    }

    /** Computes the elements {@code from} to {@code end} of the result. */
    void run(MemorySegment[] memory, MemorySegment scratch, long from, long end) {
        for (int i = 0; i < constants.length; i++) {
            scratch.set(ValueLayout.JAVA_LONG, base + ALIGNMENT * i, constants[i]);
        }
        if (tiles.expandsOnce() && from < end) {
            expand(memory, scratch, from, tiles.size());
        }
        long at = from;
        long row = at / inner;
        long within = at - row * inner;
        long origin = resultAt == IN_PLACE ? 0 : from;
        while (at < end) {
            int n = (int) Math.min(Math.min(inner - within, end - at), tiles.size());
            if (!tiles.expandsOnce()) {
                expand(memory, scratch, at, n);
            }
            long y = Math.max(0, resultAt) + (at - origin) * result.width();
            int whole = n & -tiles.granule();
            if (whole > 0) {
                piece(memory, scratch, row, within, y, 0, whole);
            }
            if (whole < n) {
                piece(memory, scratch, row, within + whole, y + (long) whole * result.width(), whole, n - whole);
            }
            at += n;
            within += n;
            if (within == inner) {
                within = 0;
                row++;
            }
        }
    }

    private void expand(MemorySegment[] memory, MemorySegment scratch, long at, int n) {
        for (int k = 0; k < operands.length; k++) {
            Operand o = operands[k];
            if (o.slot() >= 0) {
                grid.expand(k, memory[o.index()], o.width(), at, n, scratch, slot(o.slot()));
            }
        }
    }

    /**
     * Computes a piece of a tile: its full granules, or the elements after them, which pass through scratch memory.
     *
     * @param row the row of the grid, or 0 if tiles span rows
     * @param within the first element of the piece in the row
     * @param resultOffset the offset of the piece in the memory of the result, bytes
     * @param done the elements of the tile before the piece
     * @param n the elements of the piece
     */
    private void piece(
            MemorySegment[] memory, MemorySegment scratch, long row, long within, long resultOffset, int done, int n) {
        boolean partial = n < tiles.granule();
        int count = partial ? tiles.granule() : n;
        if (partial) {
            stage(memory, scratch, row, within, resultOffset, n);
        }
        MemorySegment target = resultAt == IN_PLACE ? memory[result.index()] : scratch;
        for (Step step : steps) {
            boolean last = step.target() == TO_RESULT;
            MemorySegment y = last && !partial ? target : scratch;
            long yAt = !last ? slot(step.target()) : partial ? staged(operands.length) : resultOffset;
            int a = step.sources()[0];
            MemorySegment aMemory = memory(a, memory, scratch, partial);
            long aAt = start(a, row, within, resultOffset, done, partial);
            if (step.loop() instanceof UnaryLoop loop) {
                loop.run(aMemory, aAt, y, yAt, count);
                continue;
            }
            int b = step.sources()[1];
            MemorySegment bMemory = memory(b, memory, scratch, partial);
            long bAt = start(b, row, within, resultOffset, done, partial);
            if (step.loop() instanceof BinaryLoop loop) {
                loop.run(aMemory, aAt, step(a), bMemory, bAt, step(b), y, yAt, count);
            } else if (step.loop() instanceof TernaryLoop loop) {
                int c = step.sources()[2];
                MemorySegment cMemory = memory(c, memory, scratch, partial);
                long cAt = start(c, row, within, resultOffset, done, partial);
                int all = TernaryLoop.steps(step(a), step(b), step(c));
                loop.run(aMemory, aAt, bMemory, bAt, cMemory, cAt, all, y, yAt, count);
            }
        }
        if (partial) {
            MemoryMoves.copy(scratch, staged(operands.length), target, resultOffset, (long) n * result.width());
        }
    }

    /** Copies the elements of a piece that is not a full granule to scratch memory. */
    private void stage(MemorySegment[] memory, MemorySegment scratch, long row, long within, long resultOffset, int n) {
        for (int k = 0; k < operands.length; k++) {
            Operand o = operands[k];
            if (o.slot() < 0 && o.step() == 1) {
                MemoryMoves.copy(memory[o.index()], address(k, row, within), scratch, staged(k), (long) n * o.width());
            }
        }
        if (readsResult) {
            long to = staged(operands.length + 1);
            MemoryMoves.copy(memory[result.index()], resultOffset, scratch, to, (long) n * result.width());
        }
    }

    private MemorySegment memory(int source, MemorySegment[] memory, MemorySegment scratch, boolean partial) {
        int index = source >> KIND_BITS;
        return switch (source & KIND) {
            case IN_RESULT -> partial ? scratch : memory[result.index()];
            case IN_OPERAND ->
                operands[index].slot() >= 0 || partial && operands[index].step() == 1
                        ? scratch
                        : memory[operands[index].index()];
            default -> scratch;
        };
    }

    /** The offset of a source's elements for a piece, bytes. */
    private long start(int source, long row, long within, long resultOffset, int done, boolean partial) {
        int index = source >> KIND_BITS;
        return switch (source & KIND) {
            case IN_RESULT -> partial ? staged(operands.length + 1) : resultOffset;
            case IN_SLOT -> slot(index);
            case IN_CONSTANT -> base + ALIGNMENT * index;
            default -> {
                Operand o = operands[index];
                if (o.slot() >= 0) {
                    yield slot(o.slot()) + (long) done * o.width();
                }
                yield partial && o.step() == 1 ? staged(index) : address(index, row, within);
            }
        };
    }

    private int step(int source) {
        return switch (source & KIND) {
            case IN_OPERAND -> operands[source >> KIND_BITS].step();
            case IN_CONSTANT -> 0;
            default -> 1;
        };
    }

    /** The offset of an operand's element in its own memory, bytes. If tiles span rows, the operand is dense or a scalar. */
    private long address(int k, long row, long within) {
        Operand o = operands[k];
        long element = tiles.flat() ? within * o.step() : grid.offset(k, row) + within * o.step();
        return element * o.width();
    }
}
