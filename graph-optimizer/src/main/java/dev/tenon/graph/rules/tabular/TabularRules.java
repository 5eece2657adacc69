package dev.tenon.graph.rules.tabular;

import static dev.tenon.graph.rewrite.Pattern.any;
import static dev.tenon.graph.rewrite.Pattern.op;

import dev.tenon.graph.Value;
import dev.tenon.graph.rewrite.Emitter;
import dev.tenon.graph.rewrite.Match;
import dev.tenon.graph.rewrite.Rule;
import dev.tenon.graph.rewrite.RuleSet;
import dev.tenon.op.math.Cast;
import dev.tenon.op.math.Equal;
import dev.tenon.op.math.IsNaN;
import dev.tenon.op.math.Mul;
import dev.tenon.op.math.Sub;
import dev.tenon.op.math.Where;
import dev.tenon.op.tabular.Imputer;
import dev.tenon.op.tabular.Scaler;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import java.util.List;

/** Scaler as a difference and a product, Imputer as a choice. Both give the same bits. */
public final class TabularRules {
    /** The rules, in the order in which they are tried. */
    public static final RuleSet SET = RuleSet.of(
            Rule.of("scaler", op(Scaler.class, any("x")), TabularRules::scaled)
                    .unless(m -> refuse(m, ((Scaler) m.root().op()).scale().size())),
            Rule.of("imputer", op(Imputer.class, any("x")), TabularRules::imputed)
                    .unless(TabularRules::refuseImputer));

    private TabularRules() {}

    private static DType dtype(Value x) {
        return ((TensorType) x.type()).dtype();
    }

    /** Why numbers for the columns may not be broadcast, or null. */
    private static String refuse(Match m, int count) {
        Shape shape = ((TensorType) m.value("x").type()).shape();
        if (!shape.hasRank()) {
            return "the rank is not known";
        }
        return count == 1 || shape.dim(-1).isKnown() ? null : "the columns are not known";
    }

    private static String refuseImputer(Match m) {
        Imputer imputer = (Imputer) m.root().op();
        long replaced = imputer.replacedInteger();
        return dtype(m.value("x")) == DType.INT32 && replaced != (int) replaced
                ? "no element is the replaced value"
                : refuse(m, values(imputer).size());
    }

    private static Value scaled(Match m, Emitter to) {
        Scaler scaler = (Scaler) m.root().op();
        Value x = m.value("x");
        // Integers are scaled as float.
        DType type = dtype(x) == DType.FLOAT64 ? DType.FLOAT64 : DType.FLOAT32;
        Value real = dtype(x) == type ? x : to.add(new Cast(type), x);
        Value difference = to.add(new Sub(), real, to.constant(row(type, scaler.offset())));
        Value product = to.add(new Mul(), difference, to.constant(row(type, scaler.scale())));
        return type == DType.FLOAT32 ? product : to.add(new Cast(DType.FLOAT32), product);
    }

    private static List<? extends Number> values(Imputer imputer) {
        return imputer.reals().isEmpty() ? imputer.integers() : imputer.reals();
    }

    private static Value imputed(Match m, Emitter to) {
        Imputer imputer = (Imputer) m.root().op();
        Value x = m.value("x");
        boolean real = dtype(x).isFloating();
        Value missing = real && Float.isNaN(imputer.replacedReal())
                ? to.add(new IsNaN(), x)
                : to.add(
                        new Equal(),
                        x,
                        to.constant(row(
                                dtype(x),
                                List.of(real ? (Number) imputer.replacedReal() : (Number) imputer.replacedInteger()))));
        return to.add(new Where(), missing, to.constant(row(dtype(x), values(imputer))), x);
    }

    /** A row of numbers. */
    private static Tensor row(DType type, List<? extends Number> numbers) {
        Tensor row = Tensor.allocate(type, numbers.size());
        for (int i = 0; i < numbers.size(); i++) {
            if (type.isFloating()) {
                row.setDouble(i, numbers.get(i).doubleValue());
            } else {
                row.setLong(i, numbers.get(i).longValue());
            }
        }
        return row;
    }
}
