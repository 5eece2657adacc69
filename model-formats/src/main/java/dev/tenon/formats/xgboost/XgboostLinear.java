package dev.tenon.formats.xgboost;

import dev.tenon.formats.trees.RowGraph;
import dev.tenon.graph.Value;
import dev.tenon.op.math.Add;
import dev.tenon.op.math.Cast;
import dev.tenon.op.math.IsNaN;
import dev.tenon.op.math.Mul;
import dev.tenon.op.math.Where;
import dev.tenon.op.nn.MatMul;
import dev.tenon.op.shape.Split;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.List;

/**
 * Makes the margins of a linear model: the bias and the base score, and then the products of all features that are not missing,
 * added in float32 one after the other as XGBoost does. More than {@value #MOST_STEPS} features are added in double.
 */
final class XgboostLinear {
    private static final int MOST_STEPS = 512;

    private XgboostLinear() {}

    static Value margins(RowGraph graph, int features, float[] weights, float[] base) {
        int outputs = base.length;
        float[] start = new float[outputs];
        for (int k = 0; k < outputs; k++) {
            // XGBoost adds the base score of the first output to all of them.
            start[k] = weights[features * outputs + k] + base[0];
        }
        Value missing = graph.add(new IsNaN(), graph.rows());
        Value x = graph.add(new Where(), missing, graph.number(graph.rows(), 0), graph.rows());
        if (features > MOST_STEPS) {
            double[] wide = new double[features * outputs];
            for (int i = 0; i < wide.length; i++) {
                wide[i] = weights[i];
            }
            Value w = graph.constant(Tensor.of(wide, features, outputs));
            Value sums = graph.add(new MatMul(), graph.add(new Cast(DType.FLOAT64), x), w);
            Value biased = graph.add(
                    new Add(), sums, graph.add(new Cast(DType.FLOAT64), graph.constant(Tensor.of(start, outputs))));
            return graph.add(new Cast(DType.FLOAT32), biased);
        }
        List<Value> columns = features == 1 ? List.of(x) : graph.addAll(new Split(1, features), List.of(x), features);
        Value sum = graph.constant(Tensor.of(start, outputs));
        for (int f = 0; f < features; f++) {
            float[] w = new float[outputs];
            System.arraycopy(weights, f * outputs, w, 0, outputs);
            sum = graph.add(
                    new Add(), sum, graph.add(new Mul(), columns.get(f), graph.constant(Tensor.of(w, outputs))));
        }
        return sum;
    }
}
