package dev.tenon.kernel.table.conv;

import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.KernelChoice;
import dev.tenon.kernel.KernelRequest;
import dev.tenon.kernel.KernelTable;
import dev.tenon.kernel.Layout;
import dev.tenon.kernel.ProblemOrReason;
import dev.tenon.kernel.conv.SqueezeExciteProblem;
import dev.tenon.kernel.conv.SqueezeExciteProblem.Loops;
import dev.tenon.kernel.conv.SqueezeExciteProblem.Planes;
import dev.tenon.kernel.elementwise.ElementwiseKernel;
import dev.tenon.kernel.elementwise.ElementwiseProblem;
import dev.tenon.kernel.elementwise.TileChainKernel;
import dev.tenon.kernel.elementwise.UnaryLoop;
import dev.tenon.kernel.scalar.conv.ScalarSqueezeExcite;
import dev.tenon.kernel.table.elementwise.ElementwiseKernels;
import dev.tenon.kernel.table.elementwise.TileChainBuilder;
import dev.tenon.kernel.table.fused.AnchorFamily;
import dev.tenon.kernel.table.fused.FusedBody;
import dev.tenon.kernel.vector.conv.VectorSqueezeExcite;
import dev.tenon.op.Op;
import dev.tenon.op.fused.ChannelsLast;
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
public final class SqueezeExciteKernels implements AnchorFamily<SqueezeExciteProblem> {
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

    /** The family. */
    public static final SqueezeExciteKernels FAMILY = new SqueezeExciteKernels();

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

    private static boolean isChannelsLast(Op op) {
        return op instanceof ChannelsLast;
    }

    private static SqueezeExcite gates(Op op) {
        return (SqueezeExcite) (op instanceof ChannelsLast last ? last.op() : op);
    }

    @Override
    public KernelTable<SqueezeExciteProblem> table(SqueezeExciteProblem problem) {
        return TABLE;
    }

    /** The layout of constant weights, for planes of any shape. */
    @Override
    public Layout constantLayout(Op op, int input, KernelRequest step) {
        Capabilities c = step.capabilities();
        boolean weights = input == 1 || input == 2;
        return weights && c.vector() && isPackable(step.constant(1)) && isPackable(step.constant(2))
                ? SqueezeExciteProblem.weightLayout(lanes(c))
                : Layout.ROW_MAJOR;
    }

    private static boolean isPackable(Tensor w) {
        return w != null && w.dtype() == DType.FLOAT32 && w.size() > 0 && Math.max(w.dim(0), w.dim(1)) <= MAX_CHANNELS;
    }

    /** The problem of an operator alone. */
    @Override
    public ProblemOrReason<SqueezeExciteProblem> problem(Op op, KernelRequest step) {
        List<TensorType> types = new ArrayList<>(step.inputs());
        types.add(step.outputs().getFirst());
        return problem(op, step, types, step.inputCount(), chain -> true);
    }

    /** The problem of an operator with a body, which its last stage applies. */
    @Override
    public ProblemOrReason<SqueezeExciteProblem> problem(Op anchor, KernelRequest step, FusedBody body) {
        return problem(anchor, step, body.types(), body.inputs(), body::addTo);
    }

    @Override
    public Kernel prepare(Op anchor, KernelRequest step, FusedBody body) {
        return prepare(problem(anchor, step, body), step);
    }

    @Override
    public ProblemOrReason<SqueezeExciteProblem> with(SqueezeExciteProblem problem, FusedBody body) {
        return ProblemOrReason.none("the last stage has a chain already");
    }

    /** The last stage is a chain, whose result may have another type. */
    @Override
    public boolean keepsType() {
        return false;
    }

    /** Both weights have one layout. */
    @Override
    public boolean isShared(Fused op, int input) {
        return input == 1 || input == 2 ? op.uses(1) > 0 || op.uses(2) > 0 : op.uses(input) > 0;
    }

    /** The problem with a last stage; a body adds the operators after it, and returns false if one has no loop. */
    private static ProblemOrReason<SqueezeExciteProblem> problem(
            Op op, KernelRequest step, List<TensorType> types, int inputs, Predicate<TileChainBuilder> body) {
        long[] x = step.dims(0);
        long[] w = step.dims(1);
        Planes planes = planes(x, isChannelsLast(op));
        boolean packed = !step.layout(1).equals(Layout.ROW_MAJOR);
        if (step.dtype(0) != DType.FLOAT32) {
            return ProblemOrReason.none("the element type is " + step.dtype(0).text());
        }
        if (planes == null
                || w[1] != planes.channels()
                || w[0] <= 0
                || w[0] > MAX_CHANNELS
                || step.dims(2)[0] != planes.channels()
                || packed == step.layout(2).equals(Layout.ROW_MAJOR)) {
            return ProblemOrReason.none("the planes are empty, or there are too many elements or channels");
        }
        SqueezeExcite gates = gates(op);
        if (loop(gates.squeeze(), Capabilities.SCALAR) == null || loop(gates.excite(), Capabilities.SCALAR) == null) {
            return ProblemOrReason.none("an activation has no loop");
        }
        List<TensorType> all = new ArrayList<>(types);
        all.add(gates(x, isChannelsLast(op)));
        TileChainBuilder chain = new TileChainBuilder(all, types.getLast(), inputs, step.capabilities());
        chain.readFromOperand(types.size(), inputs + 1);
        if (!chain.add(new Fused.Part(new Mul(), List.of(0, types.size())), inputs) || !body.test(chain)) {
            return ProblemOrReason.none("an operator of the body has no loop for these types and shapes");
        }
        return ProblemOrReason.of(new SqueezeExciteProblem(
                planes,
                (int) w[0],
                packed,
                step.has(SqueezeExcite.FIRST_BIAS) ? SqueezeExcite.FIRST_BIAS : -1,
                step.has(SqueezeExcite.SECOND_BIAS) ? SqueezeExcite.SECOND_BIAS : -1,
                gates.squeeze(),
                gates.excite(),
                new TileChainKernel(chain.build(false), chain.picos())));
    }

    /** The planes of an operand, or null if they are empty or too large. */
    private static Planes planes(long[] x, boolean channelsLast) {
        long channels = x[channelsLast ? x.length - 1 : 1];
        long pixels = 1;
        for (int i = 2; i < x.length; i++) {
            pixels *= channelsLast ? x[i - 1] : x[i];
        }
        boolean fits = x[0] > 0
                && x[0] <= Integer.MAX_VALUE / 2
                && channels > 0
                && channels <= MAX_CHANNELS
                && pixels > 0
                && x[0] * channels <= MAX_ELEMENTS / pixels;
        return fits ? new Planes((int) x[0], (int) channels, pixels, channelsLast) : null;
    }

    private static TensorType gates(long[] planes, boolean channelsLast) {
        long[] dims = new long[planes.length];
        Arrays.fill(dims, 1);
        int channels = channelsLast ? dims.length - 1 : 1;
        dims[0] = planes[0];
        dims[channels] = planes[channels];
        return new TensorType(DType.FLOAT32, Shape.of(dims));
    }
}
