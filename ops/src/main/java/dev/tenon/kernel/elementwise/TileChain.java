package dev.tenon.kernel.elementwise;

import dev.tenon.kernel.MemoryMoves;
import dev.tenon.kernel.TileEpilogue;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * A straight-line list of loops over a tile that never leaves the first-level cache: each loop reads operands of the
 * kernel, what the result's place holds, or what earlier loops left in scratch memory, and the last one writes the
 * result. Made by {@code TileChainBuilder}; immutable; a run allocates nothing.
 *
 * <p>A tile lies in one run of the innermost dimension of the grid, or anywhere if runs are short. Operands that neither
 * follow the tile nor stay at one element are spread into scratch memory first. The last elements, which do not fill a
 * granule, pass through scratch memory.
 *
 * <p>As an epilogue it works on blocks of a result whose rows are neighbouring elements of the whole result, which
 * starts at byte 0 of its memory. As a prologue it may leave what a run computes in scratch memory, see {@link #keptAt}.
 */
public final class TileChain implements TileEpilogue {
    /** What holds a source: the two lower bits of its code; its index is in the bits above. */
    public static final int IN_RESULT = 0;

    public static final int IN_SLOT = 1;
    public static final int IN_OPERAND = 2;
    public static final int IN_CONSTANT = 3;
    public static final int KIND_BITS = 2;

    /** The target of the loop that writes the result. */
    public static final int TO_RESULT = -1;

    /** Where results lie that are not kept in scratch memory. */
    private static final long IN_PLACE = -1;

    private static final int KIND = (1 << KIND_BITS) - 1;
    private static final int WIDEST = 8;
    private static final long ALIGNMENT = 64;

    /**
     * A loop with its place in the chain.
     *
     * @param loop the loop
     * @param sources the codes of its operands
     * @param target the slot that it writes, or {@link #TO_RESULT}
     */
    public record Link(TileLoop loop, int[] sources, int target) {}

    /**
     * An operand of the kernel that the chain reads.
     *
     * @param index its index among the operands of the kernel
     * @param width the bytes of an element
     * @param step 1 if it follows the tile, 0 if it stays at one element, as the grid or its slot has it
     * @param slot the slot that it is spread into, or -1
     * @param dense whether its elements are those of the result in the same order
     */
    public record Operand(int index, int width, int step, int slot, boolean dense) {}

    /**
     * How tiles are cut.
     *
     * @param tile the elements of a tile at most
     * @param granule the number of elements that all loops take a multiple of
     * @param flat whether a tile may reach over runs of the innermost dimension
     * @param once whether what is spread is the same for all tiles that start a multiple of tiles apart
     */
    public record Cut(int tile, int granule, boolean flat, boolean once) {}

    private final BroadcastGrid grid;
    private final Operand[] operands;
    private final Link[] links;
    private final long[] constants;
    private final Cut cut;
    private final int place;
    private final int resultWidth;
    private final boolean readsResult;
    private final int slots;
    private final long base;
    private final long kept;
    private final long inner;

    public TileChain(
            BroadcastGrid grid,
            Operand[] operands,
            Link[] links,
            long[] constants,
            Cut cut,
            int place,
            int resultWidth,
            int slots) {
        this(grid, operands, links, constants, cut, place, resultWidth, slots, 0, IN_PLACE);
    }

    private TileChain(
            BroadcastGrid grid,
            Operand[] operands,
            Link[] links,
            long[] constants,
            Cut cut,
            int place,
            int resultWidth,
            int slots,
            long base,
            long kept) {
        this.grid = grid;
        this.operands = operands;
        this.links = links;
        this.constants = constants;
        this.cut = cut;
        this.place = place;
        this.resultWidth = resultWidth;
        this.slots = slots;
        this.base = base;
        this.kept = kept;
        this.inner = Math.max(1, cut.flat() ? grid.size() : grid.inner());
        boolean reads = false;
        for (Link link : links) {
            for (int source : link.sources()) {
                reads |= (source & KIND) == IN_RESULT;
            }
        }
        this.readsResult = reads;
    }

    @Override
    public TileChain scratchAt(long start) {
        return new TileChain(grid, operands, links, constants, cut, place, resultWidth, slots, start, kept);
    }

    /**
     * The same chain, which leaves the elements that a run computes in scratch memory, the first of them at an offset.
     *
     * @param offset the bytes of scratch memory before them
     */
    TileChain keptAt(long offset) {
        return new TileChain(grid, operands, links, constants, cut, place, resultWidth, slots, base, offset);
    }

    // Scratch memory: the constants, a granule of each operand and twice of the result, the slots.

    private long staged(int operand) {
        return base + ALIGNMENT * constants.length + (long) operand * stagedBytes();
    }

    private long stagedBytes() {
        return Math.max(ALIGNMENT, (long) cut.granule() * WIDEST);
    }

    private long slot(int index) {
        return staged(operands.length + 2) + index * slotBytes();
    }

    private long slotBytes() {
        return (cut.tile() + (long) cut.granule()) * WIDEST + ALIGNMENT & -ALIGNMENT;
    }

    @Override
    public long scratchBytes() {
        return slot(slots) - base;
    }

    /** The number of elements of the result. */
    long size() {
        return grid.size();
    }

    /** The elements of a tile at most. */
    int tile() {
        return cut.tile();
    }

    /** The loops that a tile runs through. */
    int length() {
        return links.length;
    }

    int granule() {
        return cut.granule();
    }

    /** Whether the result may lie where an operand of the kernel lies: each element is read before it is written. */
    boolean inPlace(int operand) {
        for (Operand o : operands) {
            if (o.index() == operand) {
                return o.dense() && o.slot() < 0 && o.width() == resultWidth;
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
        long at = byteOffset / resultWidth;
        if (columns == ldc) {
            run(memory, scratch, at, at + (long) rows * columns);
            return;
        }
        for (int row = 0; row < rows; row++, at += ldc) {
            run(memory, scratch, at, at + columns);
        }
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

    /** Computes the elements of the result from one to another. */
    void run(MemorySegment[] memory, MemorySegment scratch, long from, long end) {
        for (int i = 0; i < constants.length; i++) {
            scratch.set(ValueLayout.JAVA_LONG, base + ALIGNMENT * i, constants[i]);
        }
        if (cut.once() && from < end) {
            spread(memory, scratch, from, cut.tile());
        }
        long at = from;
        long run = at / inner;
        long within = at - run * inner;
        long origin = kept == IN_PLACE ? 0 : from;
        while (at < end) {
            int n = (int) Math.min(Math.min(inner - within, end - at), cut.tile());
            if (!cut.once()) {
                spread(memory, scratch, at, n);
            }
            int whole = n & -cut.granule();
            if (whole > 0) {
                piece(memory, scratch, run, within, at - origin, 0, whole);
            }
            if (whole < n) {
                piece(memory, scratch, run, within, at - origin, whole, n - whole);
            }
            at += n;
            within += n;
            if (within == inner) {
                within = 0;
                run++;
            }
        }
    }

    private void spread(MemorySegment[] memory, MemorySegment scratch, long at, int n) {
        for (int k = 0; k < operands.length; k++) {
            Operand o = operands[k];
            if (o.slot() >= 0) {
                grid.spread(k, memory[o.index()], o.width(), at, n, scratch, slot(o.slot()));
            }
        }
    }

    /**
     * Computes a piece of a tile: all granules that are full, or the elements behind them by way of scratch memory.
     *
     * @param run the run of the innermost dimension
     * @param within where the tile starts in the run
     * @param at where the tile starts in the result, or in what is kept of it
     * @param done the elements of the tile before the piece
     * @param n the elements of the piece
     */
    private void piece(MemorySegment[] memory, MemorySegment scratch, long run, long within, long at, int done, int n) {
        boolean partial = n < cut.granule();
        int count = partial ? cut.granule() : n;
        if (partial) {
            stage(memory, scratch, run, within + done, at + done, n);
        }
        MemorySegment target = kept == IN_PLACE ? memory[place] : scratch;
        long result = Math.max(0, kept) + (at + done) * resultWidth;
        for (Link link : links) {
            boolean last = link.target() == TO_RESULT;
            MemorySegment y = last && !partial ? target : scratch;
            long yAt = !last ? slot(link.target()) : partial ? staged(operands.length) : result;
            call(link, memory, scratch, run, within, at, done, partial, y, yAt, count);
        }
        if (partial) {
            MemoryMoves.copy(scratch, staged(operands.length), target, result, (long) n * resultWidth);
        }
    }

    private void stage(MemorySegment[] memory, MemorySegment scratch, long run, long within, long at, int n) {
        for (int k = 0; k < operands.length; k++) {
            Operand o = operands[k];
            if (o.slot() < 0 && o.step() == 1) {
                MemoryMoves.copy(memory[o.index()], address(k, run, within), scratch, staged(k), (long) n * o.width());
            }
        }
        if (readsResult) {
            long to = staged(operands.length + 1);
            MemoryMoves.copy(memory[place], at * resultWidth, scratch, to, (long) n * resultWidth);
        }
    }

    private void call(
            Link link,
            MemorySegment[] memory,
            MemorySegment scratch,
            long run,
            long within,
            long at,
            int done,
            boolean partial,
            MemorySegment y,
            long yAt,
            int count) {
        int a = link.sources()[0];
        MemorySegment aMemory = memory(a, memory, scratch, partial);
        long aAt = start(a, run, within, at, done, partial);
        if (link.loop() instanceof UnaryLoop loop) {
            loop.run(aMemory, aAt, y, yAt, count);
            return;
        }
        int b = link.sources()[1];
        MemorySegment bMemory = memory(b, memory, scratch, partial);
        long bAt = start(b, run, within, at, done, partial);
        if (link.loop() instanceof BinaryLoop loop) {
            loop.run(aMemory, aAt, step(a), bMemory, bAt, step(b), y, yAt, count);
        } else if (link.loop() instanceof TernaryLoop loop) {
            int c = link.sources()[2];
            MemorySegment cMemory = memory(c, memory, scratch, partial);
            long cAt = start(c, run, within, at, done, partial);
            loop.run(aMemory, aAt, step(a), bMemory, bAt, step(b), cMemory, cAt, step(c), y, yAt, count);
        }
    }

    private MemorySegment memory(int source, MemorySegment[] memory, MemorySegment scratch, boolean partial) {
        int index = source >> KIND_BITS;
        return switch (source & KIND) {
            case IN_RESULT -> partial ? scratch : memory[place];
            case IN_OPERAND ->
                operands[index].slot() >= 0 || partial && operands[index].step() == 1
                        ? scratch
                        : memory[operands[index].index()];
            default -> scratch;
        };
    }

    private long start(int source, long run, long within, long at, int done, boolean partial) {
        int index = source >> KIND_BITS;
        return switch (source & KIND) {
            case IN_RESULT -> partial ? staged(operands.length + 1) : (at + done) * resultWidth;
            case IN_SLOT -> slot(index);
            case IN_CONSTANT -> base + ALIGNMENT * index;
            default -> {
                Operand o = operands[index];
                if (o.slot() >= 0) {
                    yield slot(o.slot()) + (long) done * o.width();
                }
                yield partial && o.step() == 1 ? staged(index) : address(index, run, within + done);
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

    /** Where an operand's element lies. In flat tiles, what is not spread is dense or single. */
    private long address(int k, long run, long within) {
        Operand o = operands[k];
        long element = cut.flat() ? within * o.step() : grid.offset(k, run) + within * o.step();
        return element * o.width();
    }
}
