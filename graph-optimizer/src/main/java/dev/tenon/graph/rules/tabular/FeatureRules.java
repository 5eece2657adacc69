package dev.tenon.graph.rules.tabular;

import static dev.tenon.graph.rewrite.Pattern.any;
import static dev.tenon.graph.rewrite.Pattern.op;

import dev.tenon.graph.Value;
import dev.tenon.graph.rewrite.Emitter;
import dev.tenon.graph.rewrite.Match;
import dev.tenon.graph.rewrite.Rule;
import dev.tenon.graph.rewrite.RuleSet;
import dev.tenon.op.math.Cast;
import dev.tenon.op.math.Greater;
import dev.tenon.op.math.Where;
import dev.tenon.op.shape.Concat;
import dev.tenon.op.shape.Gather;
import dev.tenon.op.shape.Slice;
import dev.tenon.op.tabular.ArrayFeatureExtractor;
import dev.tenon.op.tabular.Binarizer;
import dev.tenon.op.tabular.FeatureVectorizer;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import java.util.ArrayList;
import java.util.List;

/** Choices of columns, joined columns and thresholds of models for tables. All give the same bits. */
public final class FeatureRules {
    /** The rules, in the order in which they are tried. */
    public static final RuleSet SET = RuleSet.of(
            Rule.of("feature-columns", op(ArrayFeatureExtractor.class, any("x"), any("columns")), FeatureRules::columns)
                    .unless(FeatureRules::refuseColumns),
            Rule.of("feature-matrices", op(FeatureVectorizer.class, any("x")).open(), FeatureRules::joined)
                    .unless(FeatureRules::refuseMatrices),
            Rule.of("feature-threshold", op(Binarizer.class, any("x")), FeatureRules::compared)
                    .unless(m -> dtype(m.value("x")) == DType.FLOAT32 ? null : "the elements are not float32"));

    private FeatureRules() {}

    private static DType dtype(Value x) {
        return ((TensorType) x.type()).dtype();
    }

    private static Shape shape(Value x) {
        return ((TensorType) x.type()).shape();
    }

    private static String refuseColumns(Match m) {
        if (!shape(m.value("x")).hasRank() || shape(m.value("x")).rank() < 2) {
            return "a vector counts as a row";
        }
        Tensor columns = m.value("columns").constant();
        if (columns == null || columns.rank() != 1) {
            return "the columns are not a constant vector";
        }
        for (long i = 0; i < columns.size(); i++) {
            if (columns.getLong(i) < 0) {
                return "a column is negative, which is an error";
            }
        }
        return null;
    }

    /** Neighbouring columns are a part of each row, others are gathered. */
    private static Value columns(Match m, Emitter to) {
        long[] columns = m.value("columns").constant().toLongArray();
        // A column that is not there is an error. A Slice of unknown columns would leave it out.
        boolean neighbours = columns.length > 1 && shape(m.value("x")).dim(-1).isKnown();
        for (int i = 1; i < columns.length; i++) {
            neighbours &= columns[i] == columns[0] + i;
        }
        if (!neighbours) {
            return to.add(new Gather(-1), m.value("x"), m.value("columns"));
        }
        Value first = to.constant(Tensor.of(new long[] {columns[0]}));
        Value end = to.constant(Tensor.of(new long[] {columns[0] + columns.length}));
        return to.add(new Slice(), m.value("x"), first, end, to.constant(Tensor.of(new long[] {-1})));
    }

    private static String refuseMatrices(Match m) {
        List<Long> dimensions = ((FeatureVectorizer) m.root().op()).dimensions();
        for (int i = 0; i < m.root().inputs().size(); i++) {
            Shape shape = shape(m.root().inputs().get(i));
            if (!shape.hasRank() || shape.rank() != 2 || !shape.dim(1).isKnown()) {
                return "an operand is no matrix of known columns";
            }
            if (!dimensions.isEmpty() && dimensions.get(i) != shape.dim(1).value()) {
                return "columns are cut off or added";
            }
        }
        return null;
    }

    private static Value joined(Match m, Emitter to) {
        List<Value> floats = new ArrayList<>();
        for (Value x : m.root().inputs()) {
            floats.add(dtype(x) == DType.FLOAT32 ? x : to.add(new Cast(DType.FLOAT32), x));
        }
        return floats.size() == 1 ? floats.getFirst() : to.add(new Concat(1), floats.toArray(Value[]::new));
    }

    private static Value compared(Match m, Emitter to) {
        float threshold = ((Binarizer) m.root().op()).threshold();
        Value above = to.add(new Greater(), m.value("x"), number(to, threshold));
        return to.add(new Where(), above, number(to, 1), number(to, 0));
    }

    private static Value number(Emitter to, float value) {
        return to.constant(Tensor.of(new float[] {value}, new long[0]));
    }
}
