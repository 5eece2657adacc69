package dev.tenon.graph.rules.layout;

import static dev.tenon.graph.rewrite.Pattern.any;
import static dev.tenon.graph.rewrite.Pattern.constant;
import static dev.tenon.graph.rewrite.Pattern.op;

import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.graph.rewrite.Emitter;
import dev.tenon.graph.rewrite.Match;
import dev.tenon.graph.rewrite.Rule;
import dev.tenon.graph.rewrite.RuleSet;
import dev.tenon.graph.rules.analysis.Shapes;
import dev.tenon.op.Op;
import dev.tenon.op.Operands;
import dev.tenon.op.math.Abs;
import dev.tenon.op.math.Add;
import dev.tenon.op.math.Cast;
import dev.tenon.op.math.Clip;
import dev.tenon.op.math.Div;
import dev.tenon.op.math.Elu;
import dev.tenon.op.math.Erf;
import dev.tenon.op.math.Exp;
import dev.tenon.op.math.Gelu;
import dev.tenon.op.math.HardSigmoid;
import dev.tenon.op.math.HardSwish;
import dev.tenon.op.math.LeakyRelu;
import dev.tenon.op.math.Log;
import dev.tenon.op.math.Max;
import dev.tenon.op.math.Min;
import dev.tenon.op.math.Mish;
import dev.tenon.op.math.Mul;
import dev.tenon.op.math.Neg;
import dev.tenon.op.math.Pow;
import dev.tenon.op.math.Reciprocal;
import dev.tenon.op.math.Relu;
import dev.tenon.op.math.Selu;
import dev.tenon.op.math.Sigmoid;
import dev.tenon.op.math.Softplus;
import dev.tenon.op.math.Sqrt;
import dev.tenon.op.math.Sub;
import dev.tenon.op.math.Swish;
import dev.tenon.op.math.Tanh;
import dev.tenon.op.nn.LogSoftmax;
import dev.tenon.op.nn.Softmax;
import dev.tenon.op.reduce.ReduceMax;
import dev.tenon.op.reduce.ReduceMean;
import dev.tenon.op.reduce.ReduceMin;
import dev.tenon.op.reduce.ReduceSum;
import dev.tenon.op.reduce.Reduction;
import dev.tenon.op.shape.Concat;
import dev.tenon.op.shape.Reshape;
import dev.tenon.op.shape.Squeeze;
import dev.tenon.op.shape.Transpose;
import dev.tenon.op.shape.Unsqueeze;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/** Merges Transposes, and moves them towards the outputs until they meet one that undoes them. */
public final class TransposeRules {
    private static final List<Class<? extends Op>> UNARY = List.of(
            Abs.class,
            Cast.class,
            Elu.class,
            Erf.class,
            Exp.class,
            Gelu.class,
            HardSigmoid.class,
            HardSwish.class,
            LeakyRelu.class,
            Log.class,
            Mish.class,
            Neg.class,
            Reciprocal.class,
            Relu.class,
            Selu.class,
            Sigmoid.class,
            Softplus.class,
            Sqrt.class,
            Swish.class,
            Tanh.class);
    private static final List<Class<? extends Op>> BINARY =
            List.of(Add.class, Sub.class, Mul.class, Div.class, Pow.class, Max.class, Min.class);
    private static final List<Class<? extends Op>> REDUCTIONS =
            List.of(ReduceMax.class, ReduceMean.class, ReduceMin.class, ReduceSum.class);

    /** The rules, in the order in which they are tried. */
    public static final RuleSet SET = RuleSet.of(
            Rule.of(
                    "transpose-none",
                    op(Transpose.class, any("x")).where(n -> isKnown(n) && Shapes.isIdentity(permutation(n))),
                    "x"),
            Rule.of(
                    "transpose-chain",
                    op(Transpose.class, op(Transpose.class, any("x")).as("inner"))
                            .where(TransposeRules::isKnown),
                    (m, to) -> to.add(composed(m.node("inner"), m.root()), m.value("x"))),
            Rule.of(
                    "transpose-of-ones",
                    op(Transpose.class, any("x")).where(TransposeRules::keepsOrder),
                    TransposeRules::viewed),
            Rule.of(
                    "transpose-after-unary",
                    op(UNARY, op(Transpose.class, any("x")).as("t").once()),
                    (m, to) -> to.add(m.node("t").op(), to.add(m.root().op(), m.value("x")))),
            Rule.of(
                    "transpose-after-clip",
                    op(Clip.class, op(Transpose.class, any("x")).as("t").once()).open(),
                    (m, to) -> to.add(
                            m.node("t").op(),
                            to.add(m.root().op(), clipOperands(m), 1).getFirst())),
            Rule.of(
                    "transpose-after-binary",
                    op(
                                    BINARY,
                                    op(Transpose.class, any("x")).as("t").once(),
                                    op(Transpose.class, any("y")).as("u").once())
                            .where(TransposeRules::sameTransposes),
                    (m, to) -> to.add(m.node("t").op(), to.add(m.root().op(), m.value("x"), m.value("y")))),
            Rule.of(
                            "transpose-after-constant",
                            op(BINARY, op(Transpose.class, any("x")).as("t").once(), constant("c")),
                            (m, to) -> to.add(
                                    m.node("t").op(), to.add(m.root().op(), m.value("x"), transposedBack(m, to))))
                    .unless(TransposeRules::constantIsWider),
            Rule.of(
                            "transpose-after-constant-left",
                            op(
                                    List.of(Sub.class, Div.class, Pow.class),
                                    constant("c"),
                                    op(Transpose.class, any("x")).as("t").once()),
                            (m, to) -> to.add(
                                    m.node("t").op(), to.add(m.root().op(), transposedBack(m, to), m.value("x"))))
                    .unless(TransposeRules::constantIsWider),
            Rule.of(
                            "transpose-after-softmax",
                            op(
                                            List.of(Softmax.class, LogSoftmax.class),
                                            op(Transpose.class, any("x"))
                                                    .as("t")
                                                    .once())
                                    .where(TransposeRules::isKnown),
                            (m, to) -> to.add(m.node("t").op(), to.add(m.root().op(), m.value("x"))))
                    .unless(TransposeRules::softmaxReason),
            Rule.of(
                            "transpose-after-concat",
                            op(Concat.class, op(Transpose.class, any()).as("t"), op(Transpose.class, any()))
                                    .open()
                                    .where(TransposeRules::sameOfAll),
                            TransposeRules::concatenated)
                    .unless(TransposeRules::usedElsewhere),
            Rule.of(
                            "transpose-into-concat",
                            op(
                                            Transpose.class,
                                            op(Concat.class).open().as("concat").once())
                                    .where(TransposeRules::isKnown),
                            TransposeRules::transposedBefore)
                    .unless(TransposeRules::nothingUndone),
            Rule.of(
                            "transpose-after-reduction",
                            op(REDUCTIONS, op(Transpose.class, any("x")).as("t").once(), constant("axes"))
                                    .where(n -> isKnown(n.input(0).producer())),
                            TransposeRules::reduced)
                    .unless(m -> axes(m).length == 0 ? "there is no axis" : null)
                    .rounding());

    private TransposeRules() {}

    private static boolean isKnown(Node n) {
        return Shapes.rank(n.output()) >= 0;
    }

    private static int[] permutation(Node n) {
        return ((Transpose) n.op()).permutation(Shapes.rank(n.output()));
    }

    private static Transpose composed(Node first, Node second) {
        int rank = Shapes.rank(second.output());
        int[] p = ((Transpose) first.op()).permutation(rank);
        int[] q = ((Transpose) second.op()).permutation(rank);
        int[] both = new int[rank];
        for (int i = 0; i < rank; i++) {
            both[i] = p[q[i]];
        }
        return Shapes.transpose(both);
    }

    /** Whether only dimensions of 1 change places. */
    private static boolean keepsOrder(Node n) {
        Shape shape = Shapes.of(n.input(0));
        if (!shape.hasRank()) {
            return false;
        }
        int last = -1;
        for (int p : permutation(n)) {
            if (shape.dim(p).equals(Dim.of(1))) {
                continue;
            }
            if (p < last) {
                return false;
            }
            last = p;
        }
        return true;
    }

    /** The value with its new shape. Where Reshape has no target for it, dimensions of 1 are removed and added. */
    private static Value viewed(Match m, Emitter to) {
        Value x = m.value("x");
        Shape shape = Shapes.of(m.root().output());
        Tensor target = Shapes.target(Shapes.of(x), shape);
        if (target != null) {
            return to.add(new Reshape(false), x, to.constant(target));
        }
        Value longer = to.add(new Squeeze(), x, to.constant(ones(Shapes.of(x))));
        return to.add(new Unsqueeze(), longer, to.constant(ones(shape)));
    }

    private static Tensor ones(Shape shape) {
        return Tensor.of(IntStream.range(0, shape.rank())
                .filter(i -> shape.dim(i).equals(Dim.of(1)))
                .asLongStream()
                .toArray());
    }

    private static boolean sameTransposes(Node n) {
        Node a = n.input(0).producer();
        Node b = n.input(1).producer();
        return isKnown(a) && isKnown(b) && Arrays.equals(permutation(a), permutation(b));
    }

    /** Why the axis of Softmax would not be the last one any more, along which it is fastest; or null. */
    private static String softmaxReason(Match m) {
        int axis = m.root().op() instanceof Softmax s
                ? s.axis()
                : ((LogSoftmax) m.root().op()).axis();
        int[] perm = permutation(m.node("t"));
        int last = perm.length - 1;
        boolean stays = (axis == -1 || axis == last) && perm[last] == last;
        return stays ? null : "the axis would not be the last one";
    }

    private static boolean sameOfAll(Node n) {
        for (Value v : n.inputs()) {
            if (!isTransposed(v)
                    || !Arrays.equals(
                            permutation(v.producer()), permutation(n.input(0).producer()))) {
                return false;
            }
        }
        return true;
    }

    private static String usedElsewhere(Match m) {
        for (Value v : m.root().inputs()) {
            if (m.uses(v) != 1) {
                return "%" + v.name() + " is used " + m.uses(v) + " times";
            }
        }
        return null;
    }

    private static Value concatenated(Match m, Emitter to) {
        int[] perm = permutation(m.node("t"));
        int axis = m.rootOp(Concat.class).axis();
        List<Value> operands = new ArrayList<>();
        for (Value v : m.root().inputs()) {
            operands.add(v.producer().input(0));
        }
        Concat before = new Concat(perm[axis < 0 ? axis + perm.length : axis]);
        return to.add(m.node("t").op(), to.add(before, operands, 1).getFirst());
    }

    private static boolean isTransposed(Value v) {
        return v.producer() != null && v.producer().op() instanceof Transpose && isKnown(v.producer());
    }

    /** Why there would be at least as many Transposes before the Concat as there are with one after it, or null. */
    private static String nothingUndone(Match m) {
        int[] perm = permutation(m.root());
        int before = 1;
        int after = 0;
        boolean undone = false;
        for (Value v : m.node("concat").inputs()) {
            if (!isTransposed(v)) {
                return "%" + v.name() + " is not transposed";
            }
            boolean undoes = Shapes.isIdentity(composed(v.producer(), m.root()).permutation(perm.length));
            undone |= undoes;
            after += undoes ? 0 : 1;
            before += m.uses(v) == 1 ? 1 : 0;
        }
        return undone && after < before ? null : "it undoes no Transpose, or more would be left";
    }

    private static Value transposedBefore(Match m, Emitter to) {
        int[] perm = permutation(m.root());
        Concat concat = m.op("concat", Concat.class);
        int axis = concat.axis() < 0 ? concat.axis() + perm.length : concat.axis();
        List<Value> operands = new ArrayList<>();
        for (Value v : m.node("concat").inputs()) {
            operands.add(to.add(m.root().op(), v));
        }
        int moved = 0;
        while (perm[moved] != axis) {
            moved++;
        }
        return to.add(new Concat(moved), operands, 1).getFirst();
    }

    private static int[] axes(Match m) {
        return Shapes.axes(
                (Reduction) m.root().op(), m.root().input(0), m.root().input(1));
    }

    /** The reduction before the Transpose, and a Transpose of the axes that are left. */
    private static Value reduced(Match m, Emitter to) {
        int[] perm = permutation(m.node("t"));
        Set<Integer> gone = new HashSet<>();
        long[] before = new long[axes(m).length];
        int count = 0;
        for (int axis : axes(m)) {
            before[count++] = perm[axis];
            gone.add(perm[axis]);
        }
        Value reduced = to.add(m.root().op(), m.value("x"), to.constant(Tensor.of(before)));
        if (((Reduction) m.root().op()).keepdims()) {
            return to.add(m.node("t").op(), reduced);
        }
        int[] left = Arrays.stream(perm).filter(p -> !gone.contains(p)).toArray();
        int[] sorted = left.clone();
        Arrays.sort(sorted);
        return to.add(
                Shapes.transpose(Arrays.stream(left)
                        .map(p -> Arrays.binarySearch(sorted, p))
                        .toArray()),
                reduced);
    }

    private static List<Value> clipOperands(Match m) {
        return Arrays.asList(m.value("x"), m.root().input(1), m.root().input(2));
    }

    private static String constantIsWider(Match m) {
        Shape x = Shapes.of(m.value("x"));
        if (!x.hasRank()) {
            return "the rank is not known";
        }
        return m.constant("c").rank() > x.rank() ? "the constant has more dimensions" : null;
    }

    /** The constant transposed back, so that it can be applied before the Transpose. */
    private static Value transposedBack(Match m, Emitter to) {
        Tensor c = m.constant("c");
        if (c.size() == 1) {
            return m.value("c");
        }
        int[] perm = permutation(m.node("t"));
        long[] dims = new long[perm.length];
        Arrays.fill(dims, 1);
        System.arraycopy(c.dims(), 0, dims, dims.length - c.rank(), c.rank());
        int[] inverse = new int[perm.length];
        for (int i = 0; i < perm.length; i++) {
            inverse[perm[i]] = i;
        }
        Transpose op = Shapes.transpose(inverse);
        return to.constant((Tensor)
                new Operands(op, "", List.of(c.reshape(dims)), 1).evaluate().getFirst());
    }
}
