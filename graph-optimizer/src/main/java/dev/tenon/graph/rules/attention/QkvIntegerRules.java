package dev.tenon.graph.rules.attention;

import static dev.tenon.graph.rewrite.Pattern.any;
import static dev.tenon.graph.rewrite.Pattern.constant;
import static dev.tenon.graph.rewrite.Pattern.either;
import static dev.tenon.graph.rewrite.Pattern.op;

import dev.tenon.graph.Value;
import dev.tenon.graph.rewrite.Emitter;
import dev.tenon.graph.rewrite.Match;
import dev.tenon.graph.rewrite.Pattern;
import dev.tenon.graph.rewrite.Rule;
import dev.tenon.graph.rewrite.RuleSet;
import dev.tenon.graph.rules.analysis.Shapes;
import dev.tenon.op.attention.Attention;
import dev.tenon.op.fused.QkvAttention;
import dev.tenon.op.math.Add;
import dev.tenon.op.math.Cast;
import dev.tenon.op.math.Mul;
import dev.tenon.op.quant.MatMulInteger;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * Merges the products of integers that compute queries, keys and values into one. Their sums are made floats,
 * multiplied with both scales, and perhaps get a bias.
 */
public final class QkvIntegerRules {
    private static final List<String> NAMES = List.of("q", "k", "v");

    /** The rules, in the order in which they are tried. */
    public static final RuleSet SET = RuleSet.of(Rule.ofAll(
                    "qkv-integers",
                    op(Attention.class, projected("q"), projected("k"), projected("v"))
                            .open(),
                    QkvIntegerRules::joined)
            .unless(QkvIntegerRules::joinedReason)
            .making(QkvAttention.class));

    private QkvIntegerRules() {}

    /** A sum of products of integers, as float32. */
    private static Pattern sums(Pattern product) {
        return op(Cast.class, product)
                .where(Cast.class, c -> c.to() == DType.FLOAT32)
                .once();
    }

    /** A product with constant weights and scales, and perhaps a bias. */
    private static Pattern projected(String name) {
        Pattern product = op(
                        MatMulInteger.class,
                        any("x"),
                        constant(name + " weights", t -> t.rank() == 2),
                        any("x zero"),
                        constant(name + " zero"))
                .once();
        Pattern scaled = op(
                        Mul.class,
                        op(Mul.class, sums(product), any("x scale")).once(),
                        constant(name + " scale", t -> t.rank() <= 1))
                .once();
        Pattern biased = op(Add.class, scaled, constant(name + " bias", t -> t.rank() <= 1))
                .once();
        return either(biased, scaled);
    }

    /** Why the products can't be merged, or null. */
    private static String joinedReason(Match m) {
        Attention a = m.rootOp(Attention.class);
        String reason = QkvRules.outputsReason(a, m.root());
        if (reason != null) {
            return reason;
        }
        for (String name : NAMES) {
            Tensor w = m.constant(name + " weights");
            if (w.dtype() != m.constant("q weights").dtype()) {
                return "the weights are of different types";
            }
            for (String each : List.of(" scale", " zero", " bias")) {
                long size = m.has(name + each) ? m.constant(name + each).size() : 1;
                if (size != 1 && size != w.dim(1)) {
                    return "'" + name + each + "' is not one number for each column";
                }
            }
        }
        if (Shapes.rank(m.value("x")) != 3) {
            return "the operand is not of rank 3";
        }
        return QkvRules.widthReason(
                m.constant("k weights").dim(1), m.constant("v weights").dim(1));
    }

    /** One number for each column of the three products, joined. */
    private static Value row(Match m, Emitter to, String each, DType type) {
        List<Double> numbers = new ArrayList<>();
        for (String name : NAMES) {
            long columns = m.constant(name + " weights").dim(1);
            Tensor own = m.has(name + each) ? m.constant(name + each) : Tensor.allocate(type, 1);
            for (long j = 0; j < columns; j++) {
                numbers.add(own.getDouble(own.size() == 1 ? 0 : j));
            }
        }
        Tensor all = Tensor.allocate(type, numbers.size());
        for (int j = 0; j < numbers.size(); j++) {
            all.setDouble(j, numbers.get(j));
        }
        return to.constant(all);
    }

    private static List<Value> joined(Match m, Emitter to) {
        List<Tensor> weights =
                NAMES.stream().map(name -> m.constant(name + " weights")).toList();
        DType type = weights.getFirst().dtype();
        Value product = to.add(
                new MatMulInteger(),
                m.value("x"),
                to.constant(QkvRules.columns(weights)),
                m.value("x zero"),
                row(m, to, " zero", type));
        Value floats = to.add(new Cast(DType.FLOAT32, true, "up"), product);
        Value scaled =
                to.add(new Mul(), to.add(new Mul(), floats, m.value("x scale")), row(m, to, " scale", DType.FLOAT32));
        boolean biased = NAMES.stream().anyMatch(name -> m.has(name + " bias"));
        Value result = biased ? to.add(new Add(), scaled, row(m, to, " bias", DType.FLOAT32)) : scaled;
        return QkvRules.attended(m.root(), m.rootOp(Attention.class), result, to);
    }
}
