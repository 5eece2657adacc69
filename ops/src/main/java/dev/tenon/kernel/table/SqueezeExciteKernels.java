package dev.tenon.kernel.table;

import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.KernelChoice;
import dev.tenon.kernel.KernelLowering;
import dev.tenon.kernel.KernelRequest;
import dev.tenon.kernel.KernelSet;
import dev.tenon.kernel.KernelTable;
import dev.tenon.kernel.Layout;
import dev.tenon.kernel.conv.SqueezeExciteProblem;
import dev.tenon.kernel.conv.SqueezeExciteProblem.Loops;
import dev.tenon.kernel.conv.SqueezeExciteProblem.Planes;
import dev.tenon.kernel.elementwise.ElementwiseKernel;
import dev.tenon.kernel.elementwise.ElementwiseProblem;
import dev.tenon.kernel.elementwise.TileChainKernel;
import dev.tenon.kernel.elementwise.UnaryLoop;
import dev.tenon.kernel.scalar.conv.ScalarSqueezeExcite;
import dev.tenon.kernel.vector.conv.VectorSqueezeExcite;
import dev.tenon.op.fused.Fused;
import dev.tenon.op.fused.SqueezeExcite;
import dev.tenon.op.math.Mul;
import dev.tenon.op.math.UnaryFunction;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;

/**
 * Kernels of SqueezeExcite, whose channels lie behind the instances or last: their last stage is a chain of loops, the
 * product with the gates and what a fused operator has behind it. Other element types than float32, and empty
 * planes, run through the reference.
 */
public final class SqueezeExciteKernels {
    /** The kernels of the family. */
    public static final KernelTable<SqueezeExciteProblem> TABLE = new KernelTable<>(
            "squeeze_excite",
            List.of(
                    new KernelChoice<>(
                            "squeeze_excite_f32_vector",
                            (p, c) -> p.packed() ? c.refuseVector(Double.MAX_VALUE) : "the weights are not in panels",
                            (p, c) -> VectorSqueezeExcite.of(p, loops(p, c), lanes(c))),
                    new KernelChoice<>(
                            "squeeze_excite_f32_scalar",
                            (p, c) -> p.packed() ? "the weights are packed" : null,
                            p -> new ScalarSqueezeExcite(p, loops(p, Capabilities.SCALAR)))));

    /** The operator, its channels behind the instances. */
    public static final KernelSet SET = KernelSet.empty().with(SqueezeExcite.class, new OfSqueezeExcite());

    /** More than any plane that is worth vectors has, so that loops are those of large ones. */
    private static final long MANY = 1 << 20;

    private static final long MOST = 1L << 40;
    private static final int MOST_CHANNELS = 1 << 20;

    private SqueezeExciteKernels() {}

    private static int lanes(Capabilities c) {
        return c.vectorBits() / Float.SIZE;
    }

    private static Loops loops(SqueezeExciteProblem p, Capabilities c) {
        return new Loops(loop(p.squeeze(), c), loop(p.excite(), c));
    }

    /** The loop of a function, or null if it has none. */
    private static UnaryLoop loop(UnaryFunction function, Capabilities c) {
        TensorType many = new TensorType(DType.FLOAT32, Shape.of(MANY));
        ElementwiseProblem problem = new ElementwiseProblem(function, List.of(many), many, 1);
        Kernel kernel = ElementwiseKernels.prepare(problem, c);
        return kernel instanceof ElementwiseKernel e
                        && e.spec().loop() instanceof UnaryLoop loop
                        && e.spec().last() == null
                        && SqueezeExciteProblem.CHANNEL_MULTIPLE % e.spec().granule() == 0
                ? loop
                : null;
    }

    /** How weights are to lie, whatever the shape of the planes. */
    static Layout constantLayout(int input, KernelRequest step) {
        Capabilities c = step.capabilities();
        boolean weights = input == 1 || input == 2;
        return weights && c.vector() && isPackable(step.constant(1)) && isPackable(step.constant(2))
                ? SqueezeExciteProblem.weightLayout(lanes(c))
                : Layout.ROW_MAJOR;
    }

    private static boolean isPackable(Tensor w) {
        return w != null && w.dtype() == DType.FLOAT32 && w.size() > 0 && Math.max(w.dim(0), w.dim(1)) <= MOST_CHANNELS;
    }

    /** The kernel of an operator with its last stage, or null if there is none of either. */
    private static Kernel prepare(SqueezeExcite op, KernelRequest step, boolean last, Kernel scale) {
        long[] x = step.dims(0);
        long[] w = step.dims(1);
        long channels = w[1];
        long pixels = 1;
        for (int i = 2; i < x.length; i++) {
            pixels *= last ? x[i - 1] : x[i];
        }
        boolean packed = !step.layout(1).equals(Layout.ROW_MAJOR);
        boolean fits = x[0] > 0
                && x[0] <= Integer.MAX_VALUE / 2
                && channels > 0
                && channels <= MOST_CHANNELS
                && w[0] > 0
                && w[0] <= MOST_CHANNELS
                && pixels > 0
                && x[0] * channels <= MOST / pixels
                && step.dims(2)[0] == channels
                && packed == !step.layout(2).equals(Layout.ROW_MAJOR);
        if (step.dtype(0) != DType.FLOAT32
                || !fits
                || scale == null
                || loop(op.squeeze(), Capabilities.SCALAR) == null
                || loop(op.excite(), Capabilities.SCALAR) == null) {
            return null;
        }
        SqueezeExciteProblem problem = new SqueezeExciteProblem(
                new Planes((int) x[0], (int) channels, pixels, last),
                (int) w[0],
                packed,
                step.has(SqueezeExcite.FIRST_BIAS) ? SqueezeExcite.FIRST_BIAS : -1,
                step.has(SqueezeExcite.SECOND_BIAS) ? SqueezeExcite.SECOND_BIAS : -1,
                op.squeeze(),
                op.excite(),
                scale);
        return TABLE.prepare(problem, step.capabilities());
    }

    /** The kernel of an operator alone, or null if there is none. */
    static Kernel prepare(SqueezeExcite op, KernelRequest step, boolean last) {
        List<TensorType> types = new ArrayList<>(step.inputs());
        types.add(step.outputs().getFirst());
        return prepare(op, step, last, types, step.inputCount(), chain -> true);
    }

    /**
     * The kernel of an operator and of element-wise ones behind it, or null if there is none.
     *
     * @param op the operator
     * @param step its operands
     * @param last whether the channels lie last
     * @param types the types of all values, the inputs first, then the operator's result
     * @param inputs the number of inputs
     * @param body adds the operators behind it to the chain of the last stage, and tells whether it could
     */
    static Kernel prepare(
            SqueezeExcite op,
            KernelRequest step,
            boolean last,
            List<TensorType> types,
            int inputs,
            Predicate<TileChainBuilder> body) {
        List<TensorType> all = new ArrayList<>(types);
        all.add(gates(step.dims(0), last));
        TileChainBuilder chain = new TileChainBuilder(all, types.getLast(), inputs, step.capabilities());
        int gates = types.size();
        chain.inOperand(gates, inputs + 1);
        boolean loops = chain.add(new Fused.Part(new Mul(), List.of(0, gates)), inputs) && body.test(chain);
        return prepare(op, step, last, loops ? new TileChainKernel(chain.build(false), chain.picos()) : null);
    }

    private static TensorType gates(long[] planes, boolean last) {
        long[] dims = new long[planes.length];
        Arrays.fill(dims, 1);
        int channels = last ? dims.length - 1 : 1;
        dims[0] = planes[0];
        dims[channels] = planes[channels];
        return new TensorType(DType.FLOAT32, Shape.of(dims));
    }

    private static final class OfSqueezeExcite implements KernelLowering<SqueezeExcite> {
        @Override
        public Layout constantLayout(SqueezeExcite op, int input, KernelRequest step) {
            return SqueezeExciteKernels.constantLayout(input, step);
        }

        @Override
        public Kernel prepare(SqueezeExcite op, KernelRequest step) {
            return SqueezeExciteKernels.prepare(op, step, false);
        }
    }
}
