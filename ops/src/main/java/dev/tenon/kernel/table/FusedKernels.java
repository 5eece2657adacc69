package dev.tenon.kernel.table;

import dev.tenon.kernel.Bounds;
import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.KernelLowering;
import dev.tenon.kernel.KernelRequest;
import dev.tenon.kernel.KernelSet;
import dev.tenon.kernel.KernelTable;
import dev.tenon.kernel.Layout;
import dev.tenon.kernel.ScaledEpilogue;
import dev.tenon.kernel.StoreEpilogue;
import dev.tenon.kernel.TileEpilogue;
import dev.tenon.kernel.conv.ChannelsLastConvProblem;
import dev.tenon.kernel.conv.ChannelsLastConvTransposeProblem;
import dev.tenon.kernel.conv.ConvProblem;
import dev.tenon.kernel.elementwise.TileChainKernel;
import dev.tenon.kernel.gemm.BlockGemmProblem;
import dev.tenon.kernel.gemm.GemmProblem;
import dev.tenon.kernel.gemm.IntegerGemmProblem;
import dev.tenon.kernel.gemm.ReducedGemmProblem;
import dev.tenon.op.Op;
import dev.tenon.op.fused.BFloat16MatMul;
import dev.tenon.op.fused.BlockQuantizedMatMul;
import dev.tenon.op.fused.ChannelsLast;
import dev.tenon.op.fused.DynamicQuantizedMatMul;
import dev.tenon.op.fused.Fused;
import dev.tenon.op.fused.SqueezeExcite;
import dev.tenon.op.fused.TransposedMatMul;
import dev.tenon.op.math.Add;
import dev.tenon.op.math.Cast;
import dev.tenon.op.math.Clip;
import dev.tenon.op.math.Mul;
import dev.tenon.op.math.Relu;
import dev.tenon.op.nn.Conv;
import dev.tenon.op.nn.Gemm;
import dev.tenon.op.nn.MatMul;
import dev.tenon.op.quant.MatMulInteger;
import dev.tenon.op.vision.ConvTranspose;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.function.Function;

/**
 * Kernels of {@link Fused}. Without an anchor, the loops of the body, each from the table of its operator, run over one tile after
 * the other. With an anchor, they are the epilogue of the kernel that the anchor's table selects, or its last stage, or they run
 * before and after it ({@link FusedRows}). If the body first adds a row to a product, or a number for each channel to a
 * convolution, the kernel of the anchor adds it as the bias.
 */
public final class FusedKernels {
    /** The lowering of the operator. */
    static final KernelSet SET = KernelSet.empty().with(Fused.class, new OfFused());

    private FusedKernels() {}

    /**
     * Whether an element-wise operator has a loop, so that a body may contain it.
     *
     * @param op the operator
     * @param operands the element types of its operands, null for operands that are left out
     * @param result the element type of its result
     * @return true if a body may contain it
     */
    public static boolean hasLoop(Op op, List<DType> operands, DType result) {
        if (!ElementwiseKernels.has(op.getClass())) {
            return false;
        }
        List<TensorType> types = new ArrayList<>();
        for (DType type : operands) {
            types.add(type == null ? null : new TensorType(type, Shape.of(1)));
        }
        List<Integer> numbers = new ArrayList<>();
        for (int i = 0; i < types.size(); i++) {
            numbers.add(types.get(i) == null ? Fused.ABSENT : i);
        }
        TensorType output = new TensorType(result, Shape.of(1));
        types.add(output);
        return new TileChainBuilder(types, output, types.size(), Capabilities.SCALAR)
                .add(new Fused.Part(op, numbers), types.size() - 1);
    }

    /**
     * Adds the body of an operator, from one of its parts on, to a chain.
     *
     * @param builder the builder of the chain
     * @param op the operator
     * @param types the types of its values
     * @param first the index of the part in the body
     * @return false if a part has no loop
     */
    static boolean add(TileChainBuilder builder, Fused op, List<TensorType> types, int first) {
        int value = op.inputs() + (op.anchor() == null ? 0 : 1);
        for (int i = first; i < op.body().size(); i++) {
            RoundingChain rounding = RoundingChain.find(op, types, builder.constantInputs(), i);
            if (rounding != null && builder.add(rounding, value + i + rounding.length() - 1)) {
                i += rounding.length() - 1;
                continue;
            }
            AffineChain chain = AffineChain.find(op, types, i);
            if (chain != null && builder.add(chain, value + i + chain.length() - 1)) {
                i += chain.length() - 1;
                continue;
            }
            Shape shape = types.get(value + i).shape();
            if (!fitsTiles(shape, types.getLast().shape())
                    || !builder.add(op.body().get(i), value + i)) {
                return false;
            }
        }
        return true;
    }

    /** Whether an intermediate result can be computed in tiles of the final one. */
    private static boolean fitsTiles(Shape shape, Shape result) {
        for (int d = 1; d <= shape.rank(); d++) {
            long own = shape.dim(-d).value();
            if (own != 1 && (d > result.rank() || own != result.dim(-d).value())) {
                return false;
            }
        }
        return true;
    }

    private static final class OfFused implements KernelLowering<Fused> {
        @Override
        public Layout constantLayout(Fused op, int input, KernelRequest step) {
            if (op.anchor() == null
                    || op.isRowWise()
                    || input >= op.anchor().operands().size()
                    || isRead(op, input)) {
                return Layout.ROW_MAJOR;
            }
            return CoreKernels.set().constantLayout(op.anchor().op(), input, anchorRequest(op, step, List.of()));
        }

        @Override
        public Kernel prepare(Fused op, KernelRequest step) {
            List<TensorType> types = op.valueTypes(step.inputs(), step.outputs().getFirst());
            if (op.anchor() == null) {
                TileChainBuilder builder =
                        new TileChainBuilder(types, types.getLast(), op.inputs(), step.capabilities());
                builder.withConstants(FusedStages.constants(op, step));
                boolean loops = step.isRowMajor() && add(builder, op, types, 0);
                return loops ? new TileChainKernel(builder.build(false), builder.picos()) : null;
            }
            if (op.isRowWise()) {
                return FusedRows.prepare(op, types, step);
            }
            TensorType anchored = types.get(op.inputs());
            KernelRequest request = anchorRequest(op, step, Collections.singletonList(anchored));
            boolean keepsType = anchored.equals(types.getLast());
            SqueezeExcite gates = gates(op);
            if (gates != null) {
                return squeezeExcite(op, gates, op.anchor().op() instanceof ChannelsLast, types, request);
            }
            if (op.anchor().op() instanceof MatMulInteger m) {
                return integers(op, IntegerGemmKernels.problem(m, request), types, step);
            }
            return keepsType ? floats(op, request, types, step) : null;
        }

        /** The kernel of an operator whose anchor is a product or a convolution of floats, or null if there is none. */
        private static Kernel floats(Fused op, KernelRequest anchor, List<TensorType> types, KernelRequest step) {
            return switch (op.anchor().op()) {
                case MatMul m -> gemm(op, GemmKernels.problem(m, anchor), types, step);
                case Gemm g -> gemm(op, GemmKernels.problem(g, anchor), types, step);
                case TransposedMatMul m -> gemm(op, GemmKernels.problem(m, anchor), types, step);
                case BlockQuantizedMatMul m -> blocks(op, BlockGemmKernels.problem(m, anchor), types, step);
                case DynamicQuantizedMatMul m -> reduced(op, ReducedGemmKernels.problem(m, anchor), types, step);
                case BFloat16MatMul m -> reduced(op, ReducedGemmKernels.problem(m, anchor), types, step);
                case Conv c -> conv(op, ConvKernels.problem(c, anchor), ConvKernels.TABLE, types, step);
                case ConvTranspose c ->
                    conv(op, ConvTransposeKernels.problem(c, anchor), ConvTransposeKernels.TABLE, types, step);
                case ChannelsLast last ->
                    switch (last.op()) {
                        case Conv c -> channelsLast(op, ChannelsLastKernels.problem(c, anchor), types, step);
                        case ConvTranspose c ->
                            channelsLastTranspose(op, ConvTransposeKernels.channelsLastProblem(c, anchor), types, step);
                        default -> null;
                    };
                default -> null;
            };
        }

        /** The anchor if it is a SqueezeExcite, with channels first or last; else null. */
        private static SqueezeExcite gates(Fused op) {
            Op anchor = op.anchor().op() instanceof ChannelsLast last
                    ? last.op()
                    : op.anchor().op();
            return anchor instanceof SqueezeExcite gates ? gates : null;
        }

        /** Whether the body reads an operand, which then must not be packed. Both weights of SqueezeExcite have one layout. */
        private static boolean isRead(Fused op, int input) {
            boolean weights = gates(op) != null && (input == 1 || input == 2);
            return weights ? op.uses(1) > 0 || op.uses(2) > 0 : op.uses(input) > 0;
        }

        private static Kernel gemm(Fused op, GemmProblem product, List<TensorType> types, KernelRequest step) {
            GemmProblem fused = product == null ? null : fused(op, product, types, step);
            return fused == null ? null : GemmKernels.TABLE.prepare(fused, step.capabilities());
        }

        private static Kernel reduced(
                Fused op, ReducedGemmProblem problem, List<TensorType> types, KernelRequest step) {
            GemmProblem fused = problem == null ? null : fused(op, problem.product(), types, step);
            return fused == null
                    ? null
                    : ReducedGemmKernels.TABLE.prepare(
                            new ReducedGemmProblem(fused, problem.kind()), step.capabilities());
        }

        /** A product with the body as its bias and its epilogue; null if an operator has no loop. */
        private static GemmProblem fused(Fused op, GemmProblem product, List<TensorType> types, KernelRequest step) {
            int row = product.cOperand() < 0 && product.alpha() == 1 ? addend(op, types, -1, product.n()) : -1;
            GemmProblem start = row < 0 ? product : product.withRowBias(row);
            int first = row < 0 ? 0 : 1;
            TileEpilogue epilogue = epilogue(op, types, first, step);
            if (epilogue == null && first < op.body().size()) {
                return null;
            }
            boolean floats = epilogue != null && product.dtype() == DType.FLOAT32;
            StoreEpilogue store = floats ? storeEpilogue(op, first, types, step, epilogue) : null;
            return start.withEpilogue(store == null ? epilogue : store, op.inputs());
        }

        /** A product with weights in blocks. */
        private static Kernel blocks(Fused op, BlockGemmProblem product, List<TensorType> types, KernelRequest step) {
            if (product == null) {
                return null;
            }
            int row = product.bias() < 0 ? addend(op, types, -1, product.n()) : -1;
            int first = row < 0 ? 0 : 1;
            TileEpilogue epilogue = epilogue(op, types, first, step);
            return epilogue == null && first < op.body().size()
                    ? null
                    : BlockGemmKernels.TABLE.prepare(
                            product.with(row < 0 ? product.bias() : row, epilogue, op.inputs()), step.capabilities());
        }

        /** A product of integers whose results the first operator of the body casts to float32. */
        private static Kernel integers(
                Fused op, IntegerGemmProblem product, List<TensorType> types, KernelRequest step) {
            int sums = op.inputs();
            TensorType floats = new TensorType(DType.FLOAT32, types.get(sums).shape());
            if (product == null
                    || !(op.body().getFirst().op() instanceof Cast)
                    || !op.body().getFirst().operands().contains(sums)
                    || op.uses(sums) != 1
                    || !types.get(sums + 1).equals(floats)
                    || !types.getLast().equals(floats)) {
                return null;
            }
            ScaledParts parts = ScaledParts.of(op, 1, product.n(), types, step);
            Kernel staged = FusedStages.of(op, parts.end, types, step, () -> {
                Fused head = new Fused(op.inputs(), op.anchor(), op.body().subList(0, parts.end));
                return integers(head, product, types.subList(0, sums + 1 + parts.end), step);
            });
            if (staged != null) {
                return staged;
            }
            TileEpilogue epilogue = epilogue(op, types, 1, step);
            if (epilogue == null && op.body().size() > 1) {
                return null;
            }
            TileEpilogue scaled =
                    epilogue == null ? null : parts.epilogue(epilogue(op, types, parts.end, step), epilogue);
            return IntegerGemmKernels.TABLE.prepare(product.withEpilogue(scaled, op.inputs()), step.capabilities());
        }

        /**
         * The operators of the body, from one on, that kernels apply where they store sums: scales, addends, a residual and
         * bounds.
         *
         * @param scale the number for all sums, or -1
         * @param columnScales the factors of the columns, or -1
         * @param columnAddends the addends of the columns, or -1
         * @param residual the tensor that is added, or -1
         * @param bounds the bounds, or null
         * @param end the index of the operator after them
         */
        private record ScaledParts(
                int scale, int columnScales, int columnAddends, int residual, Bounds bounds, int end) {
            private static ScaledParts of(
                    Fused op, int first, int columns, List<TensorType> types, KernelRequest step) {
                int next = first;
                int scale = operand(op, next, Mul.class, 1, types);
                next += scale < 0 ? 0 : 1;
                int columnScales = operand(op, next, Mul.class, columns, types);
                next += columnScales < 0 ? 0 : 1;
                int columnAddends = operand(op, next, Add.class, columns, types);
                next += columnAddends < 0 ? 0 : 1;
                int residual = OfFused.residual(op, next, types);
                next += residual < 0 ? 0 : 1;
                Bounds bounds = OfFused.bounds(op, next, step);
                next += bounds == null ? 0 : 1;
                return new ScaledParts(scale, columnScales, columnAddends, residual, bounds, next);
            }

            private TileEpilogue epilogue(TileEpilogue rest, TileEpilogue pass) {
                return new ScaledEpilogue(scale, columnScales, columnAddends, residual, bounds, rest, pass);
            }
        }

        /**
         * The input that an operator of the body combines with the result before it, if the input has one element, or one for
         * each column, and nothing else reads that result.
         *
         * @param index the operator's index in the body
         * @param length 1, or the number of columns
         * @return the input, or -1
         */
        private static int operand(Fused op, int index, Class<? extends Op> kind, int length, List<TensorType> types) {
            int other = combined(op, index, kind);
            if (other < 0) {
                return -1;
            }
            Shape shape = types.get(other).shape();
            boolean fits =
                    shape.rank() <= types.get(op.inputs() + index).shape().rank()
                            && shape.knownElements() == length
                            && (length == 1 || shape.dim(-1).value() == length);
            return fits ? other : -1;
        }

        /**
         * The input that an operator of the body combines with the result before it, if nothing else reads that result.
         *
         * @param index the operator's index in the body
         * @return the input, or -1
         */
        private static int combined(Fused op, int index, Class<? extends Op> kind) {
            int before = op.inputs() + index;
            if (index >= op.body().size()
                    || !kind.isInstance(op.body().get(index).op())
                    || !op.body().get(index).operands().contains(before)
                    || op.uses(before) != 1) {
                return -1;
            }
            List<Integer> operands = op.body().get(index).operands();
            int other = operands.get(operands.getFirst() == before ? 1 : 0);
            return other < op.inputs() ? other : -1;
        }

        private static Kernel conv(
                Fused op,
                ConvProblem convolution,
                KernelTable<ConvProblem> table,
                List<TensorType> types,
                KernelRequest step) {
            if (convolution == null) {
                return null;
            }
            int bias = bias(op, convolution, 1 - types.getLast().shape().rank(), types);
            ConvProblem fused = conv(op, convolution, bias, bias < 0 ? 0 : 1, types, step);
            return fused == null ? null : table.prepare(fused, step.capabilities());
        }

        private static Kernel channelsLastTranspose(
                Fused op, ChannelsLastConvTransposeProblem convolution, List<TensorType> types, KernelRequest step) {
            if (convolution == null) {
                return null;
            }
            int bias = bias(op, convolution.conv(), -1, types);
            int first = bias < 0 ? 0 : 1;
            ConvProblem fused = conv(op, convolution.conv(), bias, first, types, step);
            if (fused == null) {
                return null;
            }
            return ConvTransposeKernels.CHANNELS_LAST_TABLE.prepare(
                    new ChannelsLastConvTransposeProblem(fused, convolution.packed()), step.capabilities());
        }

        private static Kernel channelsLast(
                Fused op, ChannelsLastConvProblem convolution, List<TensorType> types, KernelRequest step) {
            if (convolution == null) {
                return null;
            }
            ConvProblem conv = convolution.conv();
            ScaledParts parts = ScaledParts.of(op, 0, conv.outputChannels(), types, step);
            if (parts.columnScales >= 0
                    && convolution.weights() != null
                    && convolution.weights().isPanels()
                    && step.capabilities().hasMachineCode()) {
                return scaled(op, parts, convolution, types, step);
            }
            int bias = bias(op, conv, -1, types);
            int next = bias < 0 ? 0 : 1;
            int residual =
                    convolution.weights() != null && convolution.weights().isPanels() ? residual(op, next, types) : -1;
            next += residual < 0 ? 0 : 1;
            Bounds bounds = bounds(op, next, step);
            next += bounds == null ? 0 : 1;
            int stored = next;
            Function<ConvProblem, Kernel> prepared = fused -> {
                ChannelsLastConvProblem sum =
                        new ChannelsLastConvProblem(fused, convolution.weights()).withResidual(residual);
                ChannelsLastConvProblem problem = bounds == null ? sum : sum.withBounds(bounds.min(), bounds.max());
                return ChannelsLastKernels.CONV_TABLE.prepare(problem, step.capabilities());
            };
            Kernel staged = FusedStages.of(
                    op,
                    stored,
                    types,
                    step,
                    () -> prepared.apply(conv(op, conv, bias, op.body().size(), types, step)));
            if (staged != null) {
                return staged;
            }
            ConvProblem fused = conv(op, conv, bias, stored, types, step);
            return fused == null ? null : prepared.apply(fused);
        }

        /** A convolution whose sums are scaled first. */
        private static Kernel scaled(
                Fused op,
                ScaledParts parts,
                ChannelsLastConvProblem convolution,
                List<TensorType> types,
                KernelRequest step) {
            Kernel staged = FusedStages.of(op, parts.end, types, step, () -> {
                Fused head = new Fused(op.inputs(), op.anchor(), op.body().subList(0, parts.end));
                return scaled(head, parts, convolution, types.subList(0, op.inputs() + 1 + parts.end), step);
            });
            if (staged != null) {
                return staged;
            }
            TileEpilogue all = epilogue(op, types, 0, step);
            if (all == null) {
                return null;
            }
            TileEpilogue epilogue = parts.epilogue(epilogue(op, types, parts.end, step), all);
            ConvProblem fused = convolution.conv().withEpilogue(epilogue, op.inputs());
            return ChannelsLastKernels.CONV_TABLE.prepare(
                    new ChannelsLastConvProblem(fused, convolution.weights()), step.capabilities());
        }

        /** SqueezeExcite, with the body in its last stage. */
        private static Kernel squeezeExcite(
                Fused op, SqueezeExcite gates, boolean channelsLast, List<TensorType> types, KernelRequest request) {
            return SqueezeExciteKernels.prepare(
                    gates, request, channelsLast, types, op.inputs(), chain -> add(chain, op, types, 0));
        }

        /**
         * The bounds to which an operator of the body clips the result before it, if that is all it does, and nothing else reads
         * that result.
         *
         * @param index the operator's index in the body
         * @return the bounds, or null
         */
        private static Bounds bounds(Fused op, int index, KernelRequest step) {
            if (index >= op.body().size()) {
                return null;
            }
            Fused.Part part = op.body().get(index);
            int before = op.inputs() + index;
            if (op.uses(before) != 1 || part.operands().getFirst() != before) {
                return null;
            }
            if (part.op() instanceof Relu) {
                return new Bounds(0, Float.POSITIVE_INFINITY);
            }
            if (!(part.op() instanceof Clip)) {
                return null;
            }
            float[] bounds = {Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY};
            for (int i = 1; i < part.operands().size(); i++) {
                int number = part.operands().get(i);
                Tensor bound = number == Fused.ABSENT || number >= op.inputs() ? null : step.constant(number);
                if (number != Fused.ABSENT && (bound == null || bound.size() != 1 || Float.isNaN(bound.getFloat(0)))) {
                    return null;
                }
                bounds[i - 1] = bound == null ? bounds[i - 1] : bound.getFloat(0);
            }
            return new Bounds(bounds[0], bounds[1]);
        }

        /**
         * The input that an operator of the body adds to the result before it, if the input has the shape of that result and
         * nothing else reads the result.
         *
         * @param index the operator's index in the body
         * @return the input, or -1
         */
        private static int residual(Fused op, int index, List<TensorType> types) {
            int other = combined(op, index, Add.class);
            return other >= 0 && types.get(other).equals(types.get(op.inputs() + index)) ? other : -1;
        }

        /** The operand that the body first adds to each channel of a convolution, as its bias; or -1. */
        private static int bias(Fused op, ConvProblem convolution, int channelAxis, List<TensorType> types) {
            int channels = convolution.groups() * convolution.outputChannels();
            return convolution.bias() < 0 ? addend(op, types, channelAxis, channels) : -1;
        }

        /** A convolution with the body, from an operator on, as its epilogue; null if an operator has no loop. */
        private static ConvProblem conv(
                Fused op, ConvProblem convolution, int bias, int first, List<TensorType> types, KernelRequest step) {
            ConvProblem start = bias < 0 ? convolution : convolution.withBias(bias);
            TileEpilogue epilogue = epilogue(op, types, first, step);
            if (epilogue == null) {
                return first < op.body().size() ? null : start.withEpilogue(null, op.inputs());
            }
            StoreEpilogue store = storeEpilogue(op, first, types, step, epilogue);
            return start.withEpilogue(store == null ? epilogue : store, op.inputs());
        }

        /** The body, from an operator on, in the form that kernels apply where they store sums; null if it is anything else. */
        private static StoreEpilogue storeEpilogue(
                Fused op, int first, List<TensorType> types, KernelRequest step, TileEpilogue pass) {
            int residual = residual(op, first, types);
            int next = residual < 0 ? first : first + 1;
            Bounds bounds = bounds(op, next, step);
            next += bounds == null ? 0 : 1;
            return next == op.body().size() ? new StoreEpilogue(residual, bounds, pass) : null;
        }

        /**
         * The body, from an operator on, as the epilogue of a kernel; null if no operator is left, or if one has no loop.
         */
        private static TileEpilogue epilogue(Fused op, List<TensorType> types, int first, KernelRequest step) {
            if (first == op.body().size()) {
                return null;
            }
            TileChainBuilder builder = new TileChainBuilder(types, types.getLast(), op.inputs(), step.capabilities());
            builder.withConstants(FusedStages.constants(op, step));
            for (int i = 0; i <= first; i++) {
                builder.readFromResult(op.inputs() + i);
            }
            return add(builder, op, types, first) ? builder.build(true) : null;
        }

        /**
         * The input that the first operator of the body adds to the anchor's result, if the input has one element for each index
         * of one axis, and nothing else reads the result.
         *
         * @param axis the axis of the result, counted from its end
         * @param length the length of the axis
         * @return the input, or -1
         */
        private static int addend(Fused op, List<TensorType> types, int axis, int length) {
            Fused.Part first = op.body().getFirst();
            int anchor = op.inputs();
            if (!(first.op() instanceof Add) || !first.operands().contains(anchor) || op.uses(anchor) != 1) {
                return -1;
            }
            int other = first.operands().get(first.operands().getFirst() == anchor ? 1 : 0);
            Shape result = types.get(anchor).shape();
            Shape shape = types.get(other).shape();
            boolean fits = result.rank() >= -axis
                    && result.dim(axis).value() == length
                    && shape.rank() <= result.rank()
                    && shape.rank() >= -axis
                    && shape.knownElements() == length
                    && shape.dim(axis).value() == length;
            return fits && other < op.inputs() ? other : -1;
        }

        private static KernelRequest anchorRequest(Fused op, KernelRequest step, List<TensorType> outputs) {
            int count = op.anchor().operands().size();
            List<Tensor> constants = Arrays.asList(new Tensor[count]);
            for (int i = 0; i < count; i++) {
                constants.set(i, step.constant(i));
            }
            return new KernelRequest(
                    step.inputs().subList(0, count),
                    outputs,
                    step.layouts().subList(0, count),
                    constants,
                    step.capabilities());
        }
    }
}
