package dev.tenon.op.tabular;

import dev.tenon.op.Domains;
import dev.tenon.op.InferContext;
import dev.tenon.op.Op;
import dev.tenon.op.OpSchema;
import dev.tenon.op.OperandShape;
import dev.tenon.op.Operands;
import dev.tenon.op.Types;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.StringTable;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.util.List;

/** Takes columns: elements along the last axis, by their positions. A vector counts as one row, [1,C]. */
public record ArrayFeatureExtractor() implements Op {
    /** Input {@code X} of [...,C], positions {@code Y} of any shape in [0,C-1]; output {@code Z} of [...,size of Y]. */
    private static final OpSchema SCHEMA = OpSchema.of(Domains.ML, "ArrayFeatureExtractor")
            .input("X", "T")
            .input("Y", "I")
            .output("Z", "T")
            .where("T", Types.union(ExampleRows.TYPES, Types.set(DType.STRING)))
            .where("I", Types.INT64);

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        OperandShape x = OperandShape.of(c, 0).rankFrom(1);
        if (!x.hasRank()) {
            return List.of(new TensorType(c.dtype(0), Shape.unknownRank()));
        }
        Dim count = c.shape(1).hasRank() ? c.shape(1).elements() : c.freshDim();
        Shape shape = x.rank() == 1 ? Shape.of(Dim.of(1), count) : x.shape().withDim(x.rank() - 1, count);
        return List.of(new TensorType(c.dtype(0), shape));
    }

    @Override
    public List<Datum> reference(Operands in) {
        TensorType type = (TensorType) in.inferOutputs().getFirst();
        Tensor x = in.tensor(0);
        long[] columns = in.tensor(1).toLongArray();
        long all = ExampleRows.features(x);
        for (long column : columns) {
            if (column < 0 || column >= all) {
                throw in.error("'Y' has " + column + " for 'X' of " + x.shape(), "[0, " + (all - 1) + "]", null);
            }
        }
        Tensor z = Tensor.allocate(x.dtype(), type.shape().toArray());
        if (x.dtype() == DType.STRING) {
            chooseStrings(x, columns, z);
            return List.of(z);
        }
        for (long row = 0; row * columns.length < z.size(); row++) {
            for (int k = 0; k < columns.length; k++) {
                x.copyElementTo(row * all + columns[k], z, row * columns.length + k);
            }
        }
        return List.of(z);
    }

    private static void chooseStrings(Tensor x, long[] columns, Tensor z) {
        if (columns.length == 0) {
            return;
        }
        long all = ExampleRows.features(x);
        int rows = Math.max(1, Keys.BLOCK / columns.length);
        int[] chosen = new int[rows * columns.length];
        long row = 0;
        for (long at = 0; at < z.size(); at += chosen.length) {
            int n = (int) Math.min(chosen.length, z.size() - at);
            for (int i = 0; i < n; row++) {
                for (int k = 0; k < columns.length; k++, i++) {
                    chosen[i] = (int) (row * all + columns[k]);
                }
            }
            StringTable.choose(x, chosen, n, z, at);
        }
    }
}
