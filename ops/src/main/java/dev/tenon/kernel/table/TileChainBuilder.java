package dev.tenon.kernel.table;

import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.Tiling;
import dev.tenon.kernel.elementwise.BinaryLoop;
import dev.tenon.kernel.elementwise.BroadcastGrid;
import dev.tenon.kernel.elementwise.ElementwiseKernel;
import dev.tenon.kernel.elementwise.ElementwiseProblem;
import dev.tenon.kernel.elementwise.TileChain;
import dev.tenon.kernel.elementwise.TileLoop;
import dev.tenon.kernel.elementwise.UnaryLoop;
import dev.tenon.op.fused.Fused;
import dev.tenon.op.math.CastLike;
import dev.tenon.op.math.Clip;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.TensorType;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Deque;
import java.util.List;

/**
 * Makes a {@link TileChain} of the body of a {@link Fused} operator: takes the loop of each operator from its table,
 * decides how tiles are cut and which operands are spread, and gives intermediate results their slots. Confined to one
 * thread, for one chain.
 */
final class TileChainBuilder {
    /** Runs of fewer elements are not worth a tile of their own. */
    private static final int SHORTEST_RUN = 32;

    /** Runs of fewer elements are not worth a granule that they do not fill. */
    private static final int SHORTEST_UNEVEN_RUN = 512;

    /** Longer rows gain nothing from being repeated side by side. */
    private static final int LONGEST_ROW = 512;

    /** A loop before results have slots: {@code made} numbers intermediate results. */
    private record Draft(TileLoop loop, int[] sources, int made, int width) {}

    private final List<TensorType> types;
    private final TensorType output;
    private final int place;
    private final Capabilities capabilities;

    /** Where each value is found, or -1 for inputs that are not used yet. */
    private final int[] codes;

    /** The index of each value among the operands of the kernel, if it is one of them. */
    private final int[] indices;

    private final List<Integer> inputs = new ArrayList<>();
    private final List<Long> constants = new ArrayList<>();
    private final List<Draft> drafts = new ArrayList<>();
    private int made;
    private int granule = 1;
    private long picos;

    /**
     * A builder.
     *
     * @param types the types of all values, inputs first
     * @param output the type of the result
     * @param place the index of the result among the operands of the kernel
     * @param capabilities the machine
     */
    TileChainBuilder(List<TensorType> types, TensorType output, int place, Capabilities capabilities) {
        this.types = types;
        this.output = output;
        this.place = place;
        this.capabilities = capabilities;
        this.codes = new int[types.size()];
        Arrays.fill(codes, -1);
        this.indices = new int[types.size()];
        for (int i = 0; i < indices.length; i++) {
            indices[i] = i;
        }
    }

    /** Lets a value be what the place of the result holds before the chain runs. */
    void inResult(int value) {
        codes[value] = TileChain.IN_RESULT;
    }

    /** Lets a value be an operand of the kernel that has another index than the value has. */
    void inOperand(int value, int index) {
        indices[value] = index;
    }

    /**
     * Adds an operator.
     *
     * @param part the operator
     * @param value the number of its result
     * @return false if it has no loop for these types
     */
    boolean add(Fused.Part part, int value) {
        List<Integer> operands = new ArrayList<>(part.operands());
        if (part.op() instanceof CastLike) {
            operands = operands.subList(0, 1);
        }
        while (part.op() instanceof Clip && operands.size() < ElementwiseKernels.CLIP_OPERANDS) {
            operands.add(Fused.ABSENT);
        }
        List<TensorType> operandTypes = new ArrayList<>();
        for (int operand : operands) {
            operandTypes.add(
                    operand == Fused.ABSENT
                            ? null
                            : new TensorType(types.get(operand).dtype(), output.shape()));
        }
        TensorType result = new TensorType(types.get(value).dtype(), output.shape());
        ElementwiseProblem problem = new ElementwiseProblem(part.op(), operandTypes, result, operands.size());
        Kernel kernel = ElementwiseKernels.prepare(problem, capabilities);
        if (!(kernel instanceof ElementwiseKernel elementwise)) {
            return false;
        }
        codes[value] = link(elementwise.spec(), operands, width(result));
        return true;
    }

    /**
     * Adds operators that have one loop.
     *
     * @param run the operators
     * @param value the number of their result
     * @return false if the loop is not for this machine or this result
     */
    boolean add(AffineChain run, int value) {
        TensorType result = types.get(value);
        double elements = output.shape().knownElements();
        if (result.dtype() != DType.FLOAT32
                || !result.shape().equals(output.shape())
                || types.get(run.operands().getFirst()).dtype() != DType.FLOAT32
                || capabilities.refuseVector(elements * AffineChain.PICOS / 100) != null) {
            return false;
        }
        granule = Math.max(granule, AffineChain.VECTORS * capabilities.vectorBits() / Float.SIZE);
        picos += AffineChain.PICOS;
        int[] sources = new int[run.operands().size()];
        for (int i = 0; i < sources.length; i++) {
            sources[i] = source(run.operands().get(i));
        }
        codes[value] = draft(run.loop(), sources, Float.BYTES);
        return true;
    }

    private int link(ElementwiseKernel.LoopSpec body, List<Integer> operands, int width) {
        granule = Math.max(granule, body.granule());
        picos += body.picos();
        int[] sources = new int[operands.size()];
        for (int i = 0; i < sources.length; i++) {
            sources[i] = operands.get(i) == Fused.ABSENT ? constant(body.absentBits()[i]) : source(operands.get(i));
        }
        int result;
        if (!(body.loop() instanceof BinaryLoop)) {
            result = draft(body.loop(), sources, width);
        } else if (sources.length == 1) {
            result = draft(UnaryLoop.copying(width), sources, width);
        } else {
            result = sources[0];
            for (int i = 1; i < sources.length; i++) {
                result = draft(body.loop(), new int[] {result, sources[i]}, width);
            }
        }
        return body.last() == null ? result : draft(body.last(), new int[] {result}, width);
    }

    private int draft(TileLoop loop, int[] sources, int width) {
        drafts.add(new Draft(loop, sources, made, width));
        return code(TileChain.IN_SLOT, made++);
    }

    private int constant(long bits) {
        constants.add(bits);
        return code(TileChain.IN_CONSTANT, constants.size() - 1);
    }

    private int source(int value) {
        if (codes[value] < 0) {
            codes[value] = code(TileChain.IN_OPERAND, inputs.size());
            inputs.add(value);
        }
        return codes[value];
    }

    private static int code(int kind, int index) {
        return index << TileChain.KIND_BITS | kind;
    }

    private static boolean is(int code, int kind) {
        return (code & (1 << TileChain.KIND_BITS) - 1) == kind;
    }

    private static int index(int code) {
        return code >> TileChain.KIND_BITS;
    }

    private static int width(TensorType type) {
        return type.dtype().bits() / Byte.SIZE;
    }

    /** The estimated work for an element, picoseconds. */
    long picos() {
        return picos;
    }

    /**
     * The chain.
     *
     * @param epilogue whether it works on blocks of a result instead of long runs
     */
    TileChain build(boolean epilogue) {
        List<TensorType> grids = new ArrayList<>();
        for (int input : inputs) {
            grids.add(types.get(input));
        }
        BroadcastGrid grid = BroadcastGrid.of(grids, output);
        boolean[] direct = new boolean[grids.size()];
        boolean uneven = false;
        for (int k = 0; k < direct.length; k++) {
            direct[k] = grid.isScalar(k) || grid.isDense(k);
            uneven |= !direct[k];
        }
        int tile = Tiling.of(capabilities).chainTile(streams(grid));
        long row = grid.inner();
        long period = epilogue || !uneven ? 0 : period(grid, direct, tile);
        boolean isShort = row < (row % granule == 0 ? SHORTEST_RUN : SHORTEST_UNEVEN_RUN);
        boolean flat = uneven && (period > 0 || isShort) && row < grid.size();
        tile = period > 0 ? (int) (tile / period * period) : tile;
        boolean[] spread = new boolean[direct.length];
        int[] step = new int[direct.length];
        for (int k = 0; k < direct.length; k++) {
            boolean single = grid.size() > 1 && grid.isScalar(k);
            spread[k] = flat && !direct[k];
            step[k] = single ? 0 : flat || grid.size() == 1 ? 1 : grid.innerStep(k);
        }
        fill(spread, step);
        return finish(grid, spread, step, new TileChain.Tiles(tile, granule, flat, period > 0));
    }

    /** How many tiles are live at a time: operands that follow the tile, intermediate results, and the result. */
    private int streams(BroadcastGrid grid) {
        int operands = 0;
        for (int k = 0; k < inputs.size(); k++) {
            operands += grid.isScalar(k) ? 0 : 1;
        }
        int[] lastUse = lastUses();
        int live = 0;
        int most = 0;
        for (int i = 0; i < drafts.size() - 1; i++) {
            for (int m = 0; m < made; m++) {
                live -= lastUse[m] == i ? 1 : 0;
            }
            live++;
            most = Math.max(most, live);
        }
        return operands + most + 1;
    }

    /** For each intermediate result the last loop that reads it, or -1. */
    private int[] lastUses() {
        int[] lastUse = new int[made];
        Arrays.fill(lastUse, -1);
        for (int i = 0; i < drafts.size(); i++) {
            for (int source : drafts.get(i).sources()) {
                if (is(source, TileChain.IN_SLOT)) {
                    lastUse[index(source)] = i;
                }
            }
        }
        return lastUse;
    }

    /**
     * The number of elements after which rows of the innermost dimension fill granules, if all operands that repeat are
     * such rows; 0 if they are not, or a tile has no room for them.
     */
    private long period(BroadcastGrid grid, boolean[] direct, int tile) {
        for (int k = 0; k < direct.length; k++) {
            if (!direct[k] && !grid.isRow(k)) {
                return 0;
            }
        }
        long period = grid.inner();
        if (period < 1 || period > LONGEST_ROW) {
            return 0;
        }
        while (period % granule != 0) {
            period *= 2;
        }
        return period > tile ? 0 : period;
    }

    /** Spreads one operand of each loop of which no operand follows the tile. */
    private void fill(boolean[] spread, int[] step) {
        for (Draft draft : drafts) {
            boolean follows = false;
            for (int source : draft.sources()) {
                follows |= is(source, TileChain.IN_SLOT)
                        || is(source, TileChain.IN_RESULT)
                        || is(source, TileChain.IN_OPERAND) && (step[index(source)] == 1 || spread[index(source)]);
            }
            for (int i = 0; i < draft.sources().length && !follows; i++) {
                int source = draft.sources()[i];
                if (is(source, TileChain.IN_OPERAND)) {
                    spread[index(source)] = true;
                    follows = true;
                }
            }
        }
    }

    private TileChain finish(BroadcastGrid grid, boolean[] spread, int[] step, TileChain.Tiles cut) {
        int slots = 0;
        TileChain.Operand[] operands = new TileChain.Operand[spread.length];
        for (int k = 0; k < operands.length; k++) {
            int value = inputs.get(k);
            operands[k] = new TileChain.Operand(
                    indices[value],
                    width(types.get(value)),
                    spread[k] ? 1 : step[k],
                    spread[k] ? slots++ : -1,
                    grid.isDense(k));
        }
        int[] lastUse = lastUses();
        int[] slotOf = new int[made];
        Deque<Integer> free = new ArrayDeque<>();
        TileChain.Step[] links = new TileChain.Step[drafts.size()];
        for (int i = 0; i < links.length; i++) {
            Draft draft = drafts.get(i);
            int[] sources = draft.sources().clone();
            int target = i == links.length - 1 ? TileChain.TO_RESULT : -2;
            for (int s = 0; s < sources.length; s++) {
                if (is(sources[s], TileChain.IN_SLOT)) {
                    int from = index(sources[s]);
                    sources[s] = code(TileChain.IN_SLOT, slotOf[from]);
                    if (lastUse[from] == i) {
                        lastUse[from] = -1;
                        if (target == -2 && drafts.get(from).width() == draft.width()) {
                            target = slotOf[from];
                        } else {
                            free.add(slotOf[from]);
                        }
                    }
                }
            }
            if (target == -2) {
                target = claim(free, sources, slots);
                slots = Math.max(slots, target + 1);
            }
            slotOf[draft.made()] = Math.max(0, target);
            if (target >= 0 && lastUse[draft.made()] < 0) {
                free.add(target);
            }
            links[i] = new TileChain.Step(draft.loop(), sources, target);
        }
        long[] bits = new long[constants.size()];
        for (int i = 0; i < bits.length; i++) {
            bits[i] = constants.get(i);
        }
        return new TileChain(
                grid,
                new TileChain.Program(operands, links, bits, slots),
                cut,
                new TileChain.Result(place, width(output)));
    }

    /** A free slot that the loop does not read, or a new one. */
    private static int claim(Deque<Integer> free, int[] sources, int slots) {
        for (int slot : Collections.unmodifiableCollection(free)) {
            boolean read = false;
            for (int source : sources) {
                read |= source == code(TileChain.IN_SLOT, slot);
            }
            if (!read) {
                free.remove(slot);
                return slot;
            }
        }
        return slots;
    }
}
