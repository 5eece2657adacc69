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
 * Kernels of SqueezeExcite for float32, with channels first or last. The last stage is a chain of element-wise loops: the product
 * with the gates, and the body of a fused operator. Other element types, and empty planes, run through the reference.
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

    /** The lowering of the operator with channels first. */
    static final KernelSet SET = KernelSet.empty().with(SqueezeExcite.class, new OfSqueezeExcite());

    /** A size for which tables select vector loops if there are any, to get the loop of a function. */
    private static final long LARGE_PLANE = 1 << 20;

    private static final long MAX_ELEMENTS = 1L << 40;
    private static final int MAX_CHANNELS = 1 << 20;

    private SqueezeExciteKernels() {}

    private static int lanes(Capabilities c) {
        return c.vectorBits() / Float.SIZE;
    }

    private static Loops loops(SqueezeExciteProblem p, Capabilities c) {
        return new Loops(loop(p.squeeze(), c), loop(p.excite(), c));
    }

    /** The loop of an activation function, or null if it has none that suits. */
    private static UnaryLoop loop(UnaryFunction function, Capabilities c) {
        TensorType many = new TensorType(DType.FLOAT32, Shape.of(LARGE_PLANE));
        ElementwiseProblem problem = new ElementwiseProblem(function, List.of(many), many, 1);
        Kernel kernel = ElementwiseKernels.prepare(problem, c);
        return kernel instanceof ElementwiseKernel e
                        && e.spec().loop() instanceof UnaryLoop loop
                        && e.spec().last() == null
                        && SqueezeExciteProblem.CHANNEL_MULTIPLE % e.spec().granule() == 0
                ? loop
                : null;
    }

    /** The layout of constant weights, for planes of any shape. */
    static Layout constantLayout(int input, KernelRequest step) {
        Capabilities c = step.capabilities();
        boolean weights = input == 1 || input == 2;
        return weights && c.vector() && isPackable(step.constant(1)) && isPackable(step.constant(2))
                ? SqueezeExciteProblem.weightLayout(lanes(c))
                : Layout.ROW_MAJOR;
    }

    private static boolean isPackable(Tensor w) {
        return w != null && w.dtype() == DType.FLOAT32 && w.size() > 0 && Math.max(w.dim(0), w.dim(1)) <= MAX_CHANNELS;
    }

    /** Prepares a kernel with a given last stage; null if there is no kernel or no last stage. */
    private static Kernel prepare(SqueezeExcite op, KernelRequest step, boolean channelsLast, Kernel scale) {
        long[] x = step.dims(0);
        long[] w = step.dims(1);
        long channels = w[1];
        long pixels = 1;
        for (int i = 2; i < x.length; i++) {
            pixels *= channelsLast ? x[i - 1] : x[i];
        }
        boolean packed = !step.layout(1).equals(Layout.ROW_MAJOR);
        boolean fits = x[0] > 0
                && x[0] <= Integer.MAX_VALUE / 2
                && channels > 0
                && channels <= MAX_CHANNELS
                && w[0] > 0
                && w[0] <= MAX_CHANNELS
                && pixels > 0
                && x[0] * channels <= MAX_ELEMENTS / pixels
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
                new Planes((int) x[0], (int) channels, pixels, channelsLast),
                (int) w[0],
                packed,
                step.has(SqueezeExcite.FIRST_BIAS) ? SqueezeExcite.FIRST_BIAS : -1,
                step.has(SqueezeExcite.SECOND_BIAS) ? SqueezeExcite.SECOND_BIAS : -1,
                op.squeeze(),
                op.excite(),
                scale);
        return TABLE.prepare(problem, step.capabilities());
    }

    /** Prepares the kernel of an operator without a body, or returns null if there is none. */
    static Kernel prepare(SqueezeExcite op, KernelRequest step, boolean channelsLast) {
        List<TensorType> types = new ArrayList<>(step.inputs());
        types.add(step.outputs().getFirst());
        return prepare(op, step, channelsLast, types, step.inputCount(), chain -> true);
    }

    /**
     * Prepares the kernel of an operator and of element-wise operators after it, or returns null if there is none.
     *
     * @param op the operator
     * @param step its operands
     * @param channelsLast whether the channels are the last axis
     * @param types the types of all values, the inputs first, then the operator's result
     * @param inputs the number of inputs
     * @param body adds the operators after it to the chain of the last stage, and returns false if one has no loop
     */
    static Kernel prepare(
            SqueezeExcite op,
            KernelRequest step,
            boolean channelsLast,
            List<TensorType> types,
            int inputs,
            Predicate<TileChainBuilder> body) {
        List<TensorType> all = new ArrayList<>(types);
        all.add(gates(step.dims(0), channelsLast));
        TileChainBuilder chain = new TileChainBuilder(all, types.getLast(), inputs, step.capabilities());
        int gates = types.size();
        chain.readFromOperand(gates, inputs + 1);
        boolean loops = chain.add(new Fused.Part(new Mul(), List.of(0, gates)), inputs) && body.test(chain);
        return prepare(op, step, channelsLast, loops ? new TileChainKernel(chain.build(false), chain.picos()) : null);
    }

    private static TensorType gates(long[] planes, boolean channelsLast) {
        long[] dims = new long[planes.length];
        Arrays.fill(dims, 1);
        int channels = channelsLast ? dims.length - 1 : 1;
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
