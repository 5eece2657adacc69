package dev.tenon.kernel.table.elementwise;

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
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Deque;
import java.util.List;

/**
 * Builds a {@link TileChain} from the body of a {@link Fused} operator. It takes the loop of each operator from the operator's
 * table, decides how the result is cut into tiles and which operands are expanded, and assigns slots to intermediate results.
 * Builds one chain; not safe for use by several threads.
 */
public final class TileChainBuilder {
    /** Rows of fewer elements are too short for a tile. */
    private static final int MIN_RUN = 32;

    /** Rows of fewer elements are too short for a tile, if the last granule of the row is not full. */
    private static final int MIN_UNEVEN_RUN = 512;

    /** Rows of more elements gain nothing from being repeated in scratch memory. */
    private static final int MAX_REPEATED_ROW = 512;

    /** A loop before slots are assigned. Its result is an intermediate result, by number. */
    private record PendingStep(TileLoop loop, int[] sources, int result, int width) {}

    private final List<TensorType> types;
    private final TensorType output;
    private final int outputIndex;
    private final Capabilities capabilities;

    /** The source code of each value, see {@link TileChain}; -1 for inputs that no loop reads yet. */
    private final int[] codes;

    /** The index of each value among the operands of the kernel, if it is an operand. */
    private final int[] indices;

    private final List<Integer> inputs = new ArrayList<>();
    private final List<Long> constants = new ArrayList<>();
    private final List<PendingStep> pending = new ArrayList<>();
    private List<Tensor> constantInputs = List.of();
    private int intermediates;
    private int granule = 1;
    private long picos;

    /**
     * A builder.
     *
     * @param types the types of all values, inputs first
     * @param output the type of the result
     * @param outputIndex the index of the result among the operands of the kernel
     * @param capabilities the machine
     */
    public TileChainBuilder(List<TensorType> types, TensorType output, int outputIndex, Capabilities capabilities) {
        this.types = types;
        this.output = output;
        this.outputIndex = outputIndex;
        this.capabilities = capabilities;
        this.codes = new int[types.size()];
        Arrays.fill(codes, -1);
        this.indices = new int[types.size()];
        for (int i = 0; i < indices.length; i++) {
            indices[i] = i;
        }
    }

    /** Tells which of the first values are constants, null for others. */
    public void withConstants(List<Tensor> known) {
        constantInputs = known;
    }

    /** Makes a value the contents of the result before the chain runs. */
    public void readFromResult(int value) {
        codes[value] = TileChain.IN_RESULT;
    }

    /** Makes a value the operand of the kernel with a given index. */
    public void readFromOperand(int value, int index) {
        indices[value] = index;
    }

    /**
     * Adds an operator.
     *
     * @param part the operator
     * @param value its result
     * @return false if it has no loop for these types
     */
    public boolean add(Fused.Part part, int value) {
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
        codes[value] = addLoop(elementwise.spec(), operands, width(result));
        return true;
    }

    /**
     * Adds the body of an operator, from one of its parts on. Rounding and affine chains of several parts become one loop.
     *
     * @param op the operator
     * @param first the index of the part in the body
     * @return false if a part has no loop
     */
    public boolean addBody(Fused op, int first) {
        int value = op.inputs() + (op.anchor() == null ? 0 : 1);
        for (int i = first; i < op.body().size(); i++) {
            RoundingChain rounding = RoundingChain.find(op, types, constantInputs, i);
            if (rounding != null && add(rounding, value + i + rounding.length() - 1)) {
                i += rounding.length() - 1;
                continue;
            }
            AffineChain chain = AffineChain.find(op, types, i);
            if (chain != null && add(chain, value + i + chain.length() - 1)) {
                i += chain.length() - 1;
                continue;
            }
            if (!fitsTiles(types.get(value + i).shape()) || !add(op.body().get(i), value + i)) {
                return false;
            }
        }
        return true;
    }

    /** Whether an intermediate result can be computed in tiles of the final one. */
    private boolean fitsTiles(Shape shape) {
        Shape result = output.shape();
        for (int d = 1; d <= shape.rank(); d++) {
            long own = shape.dim(-d).value();
            if (own != 1 && (d > result.rank() || own != result.dim(-d).value())) {
                return false;
            }
        }
        return true;
    }

    /**
     * Adds the operators of an affine chain.
     *
     * @param chain the operators
     * @param value their result
     * @return false if the loop does not support this machine or these types
     */
    boolean add(AffineChain chain, int value) {
        TensorType result = types.get(value);
        double elements = output.shape().knownElements();
        if (result.dtype() != DType.FLOAT32
                || !result.shape().equals(output.shape())
                || types.get(chain.operands().getFirst()).dtype() != DType.FLOAT32
                || capabilities.refuseVector(elements * AffineChain.PICOS / 100) != null) {
            return false;
        }
        granule = Math.max(granule, AffineChain.VECTORS * capabilities.vectorBits() / Float.SIZE);
        picos += AffineChain.PICOS;
        int[] sources = new int[chain.operands().size()];
        for (int i = 0; i < sources.length; i++) {
            sources[i] = source(chain.operands().get(i));
        }
        codes[value] = addStep(chain.loop(), sources, Float.BYTES);
        return true;
    }

    /**
     * Adds the operators of a chain that rounds.
     *
     * @param chain the operators
     * @param value their result
     * @return false if the result is not of this shape
     */
    boolean add(RoundingChain chain, int value) {
        TensorType result = types.get(value);
        if (result.dtype() != DType.FLOAT32 || !result.shape().equals(output.shape())) {
            return false;
        }
        double elements = output.shape().knownElements();
        boolean vector = capabilities.refuseVector(elements * RoundingChain.PICOS / 100) == null;
        granule = Math.max(granule, vector ? capabilities.vectorBits() / Float.SIZE : 1);
        picos += RoundingChain.PICOS;
        int[] sources = chain.operands();
        for (int i = 0; i < sources.length; i++) {
            sources[i] = source(sources[i]);
        }
        codes[value] = addStep(chain.loop(vector), sources, Float.BYTES);
        return true;
    }

    private int addLoop(ElementwiseKernel.LoopSpec body, List<Integer> operands, int width) {
        granule = Math.max(granule, body.granule());
        picos += body.picos();
        int[] sources = new int[operands.size()];
        for (int i = 0; i < sources.length; i++) {
            sources[i] = operands.get(i) == Fused.ABSENT ? constant(body.absentBits()[i]) : source(operands.get(i));
        }
        int result;
        if (!(body.loop() instanceof BinaryLoop)) {
            result = addStep(body.loop(), sources, width);
        } else if (sources.length == 1) {
            result = addStep(UnaryLoop.copying(width), sources, width);
        } else {
            result = sources[0];
            for (int i = 1; i < sources.length; i++) {
                result = addStep(body.loop(), new int[] {result, sources[i]}, width);
            }
        }
        return body.last() == null ? result : addStep(body.last(), new int[] {result}, width);
    }

    private int addStep(TileLoop loop, int[] sources, int width) {
        pending.add(new PendingStep(loop, sources, intermediates, width));
        return code(TileChain.IN_SLOT, intermediates++);
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
    public long picos() {
        return picos;
    }

    /**
     * Builds the chain.
     *
     * @param epilogue whether it works on blocks of a result, instead of long ranges of elements
     */
    public TileChain build(boolean epilogue) {
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
        boolean isShort = row < (row % granule == 0 ? MIN_RUN : MIN_UNEVEN_RUN);
        boolean flat = uneven && (period > 0 || isShort) && row < grid.size();
        tile = period > 0 ? (int) (tile / period * period) : tile;
        boolean[] expanded = new boolean[direct.length];
        int[] step = new int[direct.length];
        for (int k = 0; k < direct.length; k++) {
            boolean scalar = grid.size() > 1 && grid.isScalar(k);
            expanded[k] = flat && !direct[k];
            step[k] = scalar ? 0 : flat || grid.size() == 1 ? 1 : grid.innerStep(k);
        }
        expandScalars(expanded, step);
        return finish(grid, expanded, step, new TileChain.Tiles(tile, granule, flat, period > 0));
    }

    /** The number of tiles that are live at a time: operands that are no scalars, intermediate results, and the result. */
    private int streams(BroadcastGrid grid) {
        int operands = 0;
        for (int k = 0; k < inputs.size(); k++) {
            operands += grid.isScalar(k) ? 0 : 1;
        }
        int[] lastUse = lastUses();
        int live = 0;
        int maxLive = 0;
        for (int i = 0; i < pending.size() - 1; i++) {
            for (int m = 0; m < intermediates; m++) {
                live -= lastUse[m] == i ? 1 : 0;
            }
            live++;
            maxLive = Math.max(maxLive, live);
        }
        return operands + maxLive + 1;
    }

    /** The last loop that reads each intermediate result, or -1. */
    private int[] lastUses() {
        int[] lastUse = new int[intermediates];
        Arrays.fill(lastUse, -1);
        for (int i = 0; i < pending.size(); i++) {
            for (int source : pending.get(i).sources()) {
                if (is(source, TileChain.IN_SLOT)) {
                    lastUse[index(source)] = i;
                }
            }
        }
        return lastUse;
    }

    /**
     * The number of elements of the fewest grid rows that fill granules, if every broadcast operand is the same for all rows. 0 if
     * one is not, or if a tile has no room for them.
     */
    private long period(BroadcastGrid grid, boolean[] direct, int tile) {
        for (int k = 0; k < direct.length; k++) {
            if (!direct[k] && !grid.isRow(k)) {
                return 0;
            }
        }
        long period = grid.inner();
        if (period < 1 || period > MAX_REPEATED_ROW) {
            return 0;
        }
        while (period % granule != 0) {
            period *= 2;
        }
        return period > tile ? 0 : period;
    }

    /** Expands one operand of each loop whose operands are all scalars, because loops need a contiguous one. */
    private void expandScalars(boolean[] expanded, int[] step) {
        for (PendingStep draft : pending) {
            boolean contiguous = false;
            for (int source : draft.sources()) {
                contiguous |= is(source, TileChain.IN_SLOT)
                        || is(source, TileChain.IN_RESULT)
                        || is(source, TileChain.IN_OPERAND) && (step[index(source)] == 1 || expanded[index(source)]);
            }
            for (int i = 0; i < draft.sources().length && !contiguous; i++) {
                int source = draft.sources()[i];
                if (is(source, TileChain.IN_OPERAND)) {
                    expanded[index(source)] = true;
                    contiguous = true;
                }
            }
        }
    }

    private TileChain finish(BroadcastGrid grid, boolean[] expanded, int[] step, TileChain.Tiles cut) {
        int slots = 0;
        TileChain.Operand[] operands = new TileChain.Operand[expanded.length];
        for (int k = 0; k < operands.length; k++) {
            int value = inputs.get(k);
            operands[k] = new TileChain.Operand(
                    indices[value],
                    width(types.get(value)),
                    expanded[k] ? 1 : step[k],
                    expanded[k] ? slots++ : -1,
                    grid.isDense(k));
        }
        int[] lastUse = lastUses();
        int[] slotOf = new int[intermediates];
        Deque<Integer> free = new ArrayDeque<>();
        TileChain.Step[] links = new TileChain.Step[pending.size()];
        for (int i = 0; i < links.length; i++) {
            PendingStep draft = pending.get(i);
            int[] sources = draft.sources().clone();
            int target = i == links.length - 1 ? TileChain.TO_RESULT : -2;
            for (int s = 0; s < sources.length; s++) {
                if (is(sources[s], TileChain.IN_SLOT)) {
                    int from = index(sources[s]);
                    sources[s] = code(TileChain.IN_SLOT, slotOf[from]);
                    if (lastUse[from] == i) {
                        lastUse[from] = -1;
                        if (target == -2 && pending.get(from).width() == draft.width()) {
                            target = slotOf[from];
                        } else {
                            free.add(slotOf[from]);
                        }
                    }
                }
            }
            if (target == -2) {
                target = takeSlot(free, sources, slots);
                slots = Math.max(slots, target + 1);
            }
            slotOf[draft.result()] = Math.max(0, target);
            if (target >= 0 && lastUse[draft.result()] < 0) {
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
                new TileChain.Result(outputIndex, width(output)));
    }

    /** Takes a free slot that the loop does not read, or a new one. */
    private static int takeSlot(Deque<Integer> free, int[] sources, int slots) {
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
