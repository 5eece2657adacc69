package dev.tenon.spark;

import dev.tenon.Outputs;
import dev.tenon.ValueInfo;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import java.io.Serializable;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.LongFunction;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;

/**
 * An output of a model as a cell of Spark: the elements of a row as an array, or one value if the model gives one for each row.
 *
 * @param name the name of the output
 * @param element the type of its elements
 * @param single whether a row has one value
 */
record OutputCell(String name, DType element, boolean single) implements Serializable {
    /** The cell of an output; empty if Spark has no type for it: a sequence, or complex numbers. */
    static Optional<OutputCell> of(ValueInfo output) {
        if (!(output.type() instanceof TensorType t) || t.dtype().isComplex()) {
            return Optional.empty();
        }
        return Optional.of(new OutputCell(
                output.name(), t.dtype(), t.shape().hasRank() && t.shape().rank() == 1));
    }

    /** The type of the column. */
    DataType type() {
        DataType each = element == DType.STRING
                ? DataTypes.StringType
                : element == DType.BOOL
                        ? DataTypes.BooleanType
                        : element == DType.FLOAT64
                                ? DataTypes.DoubleType
                                : element.isFloating() ? DataTypes.FloatType : DataTypes.LongType;
        return single ? each : DataTypes.createArrayType(each, false);
    }

    /** The value for the only row of a call. */
    Object value(Outputs outputs) {
        Tensor t = outputs.tensor(name);
        LongFunction<Object> element = element(t);
        if (single) {
            return element.apply(0);
        }
        Object[] values = new Object[Math.toIntExact(t.size())];
        Arrays.setAll(values, element::apply);
        return values;
    }

    private LongFunction<Object> element(Tensor t) {
        return element == DType.STRING
                ? t::getString
                : element == DType.BOOL
                        ? t::getBoolean
                        : element == DType.FLOAT64 ? t::getDouble : element.isFloating() ? t::getFloat : t::getLong;
    }
}
