package dev.tenon.op.tabular;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.op.Attributes;
import dev.tenon.op.Domains;
import dev.tenon.op.InferContext;
import dev.tenon.op.Op;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Operands;
import dev.tenon.op.math.Cast;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.MapType;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The values of a map from integers as a row, [1,C], in the order of their keys.
 *
 * @param to the element type of the row: FLOAT32, STRING or INT64
 * @param sparse whether a key is the column of its value; otherwise the values fill the columns one after another
 * @param columns the number of columns of a sparse row, at least 0
 */
public record CastMap(DType to, boolean sparse, long columns) implements Op {
    /** Input {@code X}: a map from int64 to float32 or strings; output {@code Y} of [1,C]. */
    public static final OpSchema SCHEMA =
            OpSchema.of(Domains.ML, "CastMap").input("X", "*").output("Y", "*");

    // ONNX Runtime fills the gaps between strings with this; the standard does not define it.
    private static final String NO_STRING = "0.f";

    private static final int DIGITS = 6;
    private static final Map<String, DType> TYPES =
            Map.of("TO_FLOAT", DType.FLOAT32, "TO_STRING", DType.STRING, "TO_INT64", DType.INT64);

    /** Checks the attributes. */
    public CastMap {
        if (!TYPES.containsValue(to) || columns < 0) {
            throw new InvalidOperandException(
                    SCHEMA.qualifiedName(),
                    to.text() + ", " + columns + " columns",
                    "f32, string, i64, columns of 0 and above",
                    null);
        }
    }

    /**
     * Makes the operator.
     *
     * @param a its attributes
     * @return the operator
     * @throws dev.tenon.error.InvalidOperandException if an attribute is missing, of the wrong kind or does not fit the
     *     others
     */
    public static CastMap of(Attributes a) {
        String to = a.string("cast_to", "TO_FLOAT");
        String form = a.string("map_form", "DENSE");
        if (!TYPES.containsKey(to) || !form.equals("DENSE") && !form.equals("SPARSE")) {
            throw new InvalidOperandException(
                    SCHEMA.qualifiedName(),
                    "cast_to " + to + ", map_form " + form,
                    "TO_FLOAT, TO_STRING, TO_INT64; DENSE, SPARSE",
                    null);
        }
        return new CastMap(TYPES.get(to), form.equals("SPARSE"), a.integer("max_map", 1));
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Attributes attributes() {
        String name = to == DType.FLOAT32 ? "TO_FLOAT" : to == DType.STRING ? "TO_STRING" : "TO_INT64";
        return Attributes.none()
                .unless("cast_to", name, "TO_FLOAT")
                .unless("map_form", sparse ? "SPARSE" : "DENSE", "DENSE")
                .unless("max_map", columns, 1L);
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        MapType map = Maps.type(c);
        DType from = Maps.values(c, map);
        if (map.key() != DType.INT64 || from != DType.FLOAT32 && from != DType.STRING) {
            throw c.error("input 0 'X' is " + map, "a map from i64 to f32 or string", null);
        }
        Dim count = sparse ? Dim.of(columns) : c.freshDim();
        return List.of(new TensorType(to, Shape.of(Dim.of(1), count)));
    }

    @Override
    public List<Datum> reference(Operands in) {
        Map<Object, Datum> sorted = new TreeMap<>(Maps.get(in).asMap());
        DType from = ((TensorType) Maps.get(in).type().value()).dtype();
        Tensor values = Tensor.allocate(from, 1, sorted.size());
        long at = 0;
        for (Map.Entry<Object, Datum> entry : sorted.entrySet()) {
            Maps.copy(in, entry.getKey(), entry.getValue(), values, at++);
        }
        Tensor dense = converted(values);
        if (!sparse) {
            return List.of(dense);
        }
        Tensor y = Tensor.allocate(to, 1, columns);
        if (to == DType.STRING) {
            for (long i = 0; i < columns; i++) {
                y.setString(i, NO_STRING);
            }
        }
        at = 0;
        for (Object key : sorted.keySet()) {
            long column = (Long) key;
            if (column < 0 || column >= columns) {
                throw in.error("key " + column, "[0, " + (columns - 1) + "], as max_map says", null);
            }
            dense.copyElementTo(at++, y, column);
        }
        return List.of(y);
    }

    private Tensor converted(Tensor values) {
        if (values.dtype() == to) {
            return values;
        }
        if (to == DType.STRING) {
            Tensor y = Tensor.allocate(to, values.dims());
            for (long i = 0; i < y.size(); i++) {
                y.setString(i, text(values.getFloat(i)));
            }
            return y;
        }
        Cast cast = new Cast(to, true, "up");
        return (Tensor) cast.reference(Operands.of(cast, values)).getFirst();
    }

    /** A number as C's {@code %f} prints it. */
    private static String text(float value) {
        if (Float.isNaN(value)) {
            return "nan";
        }
        if (Float.isInfinite(value)) {
            return value > 0 ? "inf" : "-inf";
        }
        String digits = new BigDecimal(value)
                .setScale(DIGITS, RoundingMode.HALF_EVEN)
                .abs()
                .toPlainString();
        return Float.floatToRawIntBits(value) < 0 ? "-" + digits : digits;
    }
}
