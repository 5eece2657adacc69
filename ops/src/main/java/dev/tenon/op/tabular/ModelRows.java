package dev.tenon.op.tabular;

import dev.tenon.op.tabular.model.RowModel;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import java.util.List;

/** Applies a row model to all rows of an operand, by plain loops. */
final class ModelRows {
    private ModelRows() {}

    /** The labels, if there are any, and the results. */
    static List<Datum> of(RowModel model, Labels labels, Tensor x) {
        long rows = ExampleRows.count(x);
        int n = model.results();
        Tensor y = labels == null ? null : Tensor.allocate(labels.dtype(), rows);
        Tensor z = Tensor.allocate(DType.FLOAT32, rows, n);
        double[] products = new double[model.vectors()];
        double[] work = new double[model.workSize()];
        double[] results = new double[n];
        for (long r = 0; r < rows; r++) {
            for (int v = 0; v < products.length; v++) {
                products[v] = product(model, v, x, r);
            }
            int label = model.finish(products, work, results);
            if (y != null) {
                labels.write(y, r, label);
            }
            for (int k = 0; k < n; k++) {
                z.setDouble(r * n + k, results[k]);
            }
        }
        return y == null ? List.of(z) : List.of(y, z);
    }

    private static double product(RowModel model, int vector, Tensor x, long row) {
        double sum = 0;
        for (int f = 0; f < model.features(); f++) {
            double v = x.getDouble(row * model.features() + f);
            double c = model.component(vector, f);
            sum += model.distances() ? (v - c) * (v - c) : v * c;
        }
        return sum;
    }
}
