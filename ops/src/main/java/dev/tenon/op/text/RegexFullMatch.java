package dev.tenon.op.text;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.op.Attributes;
import dev.tenon.op.InferContext;
import dev.tenon.op.Op;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Operands;
import dev.tenon.op.Types;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.util.List;

/**
 * Whether each string as a whole matches a regular expression. Strings that are not UTF-8 do not match.
 *
 * @param pattern the expression
 */
public record RegexFullMatch(Regex pattern) implements Op {
    /** Parameters: the strings; whether they match, of the same shape. */
    public static final OpSchema SCHEMA = OpSchema.of("RegexFullMatch")
            .input("X", "T")
            .output("Y", "B")
            .where("T", Types.set(DType.STRING))
            .where("B", Types.BOOL);

    /**
     * Makes the operator.
     *
     * @param a its attributes
     * @return the operator
     * @throws InvalidOperandException if an attribute has a value that is not allowed
     */
    public static RegexFullMatch of(Attributes a) {
        String pattern = a.string("pattern", null);
        if (pattern == null) {
            throw new InvalidOperandException("RegexFullMatch", "no attribute 'pattern'", null, "give the pattern");
        }
        return new RegexFullMatch(Regex.of(pattern));
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Attributes attributes() {
        return Attributes.none().with("pattern", pattern.pattern());
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        return List.of(new TensorType(DType.BOOL, c.shape(0)));
    }

    @Override
    public List<Datum> reference(Operands in) {
        Tensor x = in.tensor(0);
        Tensor y = Tensor.allocate(DType.BOOL, x.dims());
        RegexMatcher matcher = pattern.matcher();
        for (long e = 0; e < x.size(); e++) {
            y.setBoolean(e, matcher.matches(x.getUtf8(e)));
        }
        return List.of(y);
    }
}
