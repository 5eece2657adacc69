package dev.tenon.graph.rules;

import static dev.tenon.graph.rewrite.Pattern.any;
import static dev.tenon.graph.rewrite.Pattern.constant;
import static dev.tenon.graph.rewrite.Pattern.either;
import static dev.tenon.graph.rewrite.Pattern.op;

import dev.tenon.graph.Value;
import dev.tenon.graph.rewrite.Emitter;
import dev.tenon.graph.rewrite.Match;
import dev.tenon.graph.rewrite.OpPattern;
import dev.tenon.graph.rewrite.Pattern;
import dev.tenon.graph.rewrite.Rule;
import dev.tenon.graph.rewrite.RuleList;
import dev.tenon.graph.rewrite.RuleSet;
import dev.tenon.graph.rewrite.RuleTable;
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
 * Products of integers whose scale only run time knows: sums, made floats, times both scales, plus a bias. Brings them
 * into the form that one step computes, and lets one of them give queries, keys and values.
 */
public final class DynamicQuantRules implements RuleTable {
    private static final List<String> NAMES = List.of("q", "k", "v");

    /** The rules. */
    public static final RuleSet SET = RuleSet.of(new DynamicQuantRules());

    private DynamicQuantRules() {}

    @Override
    public void list(RuleList rules) {
        if (rules.asks("Mul") && rules.met("MatMulInteger"))
            rules.add(Rule.of(
                            "dynamic-scales",
                            op(
                                    Mul.class,
                                    sums(op(MatMulInteger.class, any(), constant("w", t -> t.rank() == 2))
                                                    .open())
                                            .as("sums"),
                                    op(Mul.class, any("x scale"), constant("w scale"))
                                            .once()),
                            (m, to) -> to.add(
                                    new Mul(),
                                    to.add(new Mul(), m.value("sums"), m.value("x scale")),
                                    m.value("w scale")))
                    .unless(DynamicQuantRules::scalesReason)
                    .rounding());
        if (rules.asks("Attention") && rules.met("MatMulInteger"))
            rules.add(Rule.ofAll(
                            "qkv-integers",
                            op(Attention.class, projected("q"), projected("k"), projected("v"))
                                    .open(),
                            DynamicQuantRules::joined)
                    .unless(DynamicQuantRules::joinedReason)
                    .making(QkvAttention.class));
    }

    /** Sums of integers as float32. */
    private static OpPattern sums(OpPattern product) {
        return op(Cast.class, product.once())
                .where(Cast.class, c -> c.to() == DType.FLOAT32)
                .once();
    }

    private static String scalesReason(Match m) {
        Value scale = m.value("x scale");
        if (!Shapes.of(scale).isKnown() || Shapes.of(scale).knownElements() != 1) {
            return "there is not one scale for all rows";
        }
        return Shapes.rank(m.value("sums"))
                        < Math.max(Shapes.rank(scale), m.constant("w scale").rank())
                ? "the scales have more dimensions than the sums"
                : null;
    }

    /** A product with constant weights and scales, and perhaps a bias. */
    private static Pattern projected(String name) {
        OpPattern product = op(
                MatMulInteger.class,
                any("x"),
                constant(name + " weights", t -> t.rank() == 2),
                any("x zero"),
                constant(name + " zero"));
        Pattern scaled = op(
                        Mul.class,
                        op(Mul.class, sums(product), any("x scale")).once(),
                        constant(name + " scale", t -> t.rank() <= 1))
                .once();
        Pattern biased = op(Add.class, scaled, constant(name + " bias", t -> t.rank() <= 1))
                .once();
        return either(biased, scaled);
    }

    private static String joinedReason(Match m) {
        Attention a = m.rootOp(Attention.class);
        String reason = QkvRules.headsReason(a, m.root());
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
                a,
                m.constant("q weights").dim(1),
                m.constant("k weights").dim(1),
                m.constant("v weights").dim(1));
    }

    /** One number for each column of all three, behind each other. */
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
