package dev.tenon.op.contrib;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.op.Attributes;
import dev.tenon.op.Domains;
import dev.tenon.op.InferContext;
import dev.tenon.op.Op;
import dev.tenon.op.OpSchema;
import dev.tenon.op.OperandShape;
import dev.tenon.op.Operands;
import dev.tenon.op.Types;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.ValueType;
import java.util.List;

/**
 * Sets the score of a token to negative infinity if the token would repeat n tokens that the sequence already has in a
 * row.
 *
 * @param size how many tokens must not occur twice, at least 1
 */
public record NGramRepeatBlock(long size) implements Op {
    /** Inputs input_ids [batch, length], scores [batch, vocabulary]; output scores_out like scores. */
    public static final OpSchema SCHEMA = OpSchema.of(Domains.MICROSOFT, "NGramRepeatBlock")
            .input("input_ids", "Tid")
            .input("scores", "T")
            .output("scores_out", "T")
            .where("Tid", Types.INT64)
            .where("T", Types.FLOATS);

    /**
     * Makes the operator.
     *
     * @param a its attributes
     * @return the operator
     * @throws InvalidOperandException if ngram_size is missing or less than 1
     */
    public static NGramRepeatBlock of(Attributes a) {
        long size = a.integer("ngram_size", 0);
        if (size < 1) {
            throw new InvalidOperandException(SCHEMA.qualifiedName(), "ngram_size " + size, "1 and above", null);
        }
        return new NGramRepeatBlock(size);
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Attributes attributes() {
        return Attributes.none().with("ngram_size", size);
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        OperandShape ids = OperandShape.of(c, 0).rank(2);
        OperandShape.of(c, 1).is(ids.dim(0), null);
        return List.of(c.tensor(1));
    }

    @Override
    public List<Datum> reference(Operands in) {
        in.inferOutputs();
        Tensor ids = in.tensor(0);
        Tensor scores = in.tensor(1).copy();
        long length = ids.dim(1);
        long vocabulary = scores.dim(1);
        for (long b = 0; b < ids.dim(0); b++) {
            long start = b * length;
            for (long i = 0; i <= length - size; i++) {
                if (!repeats(ids, start + i, start + length - size + 1)) {
                    continue;
                }
                long token = ids.getLong(start + i + size - 1);
                if (token < 0 || token >= vocabulary) {
                    throw in.error(
                            "input_ids[" + b + "," + (i + size - 1) + "] is " + token,
                            "[0, " + (vocabulary - 1) + "], as scores has elements",
                            null);
                }
                scores.setDouble(b * vocabulary + token, Double.NEGATIVE_INFINITY);
            }
        }
        return List.of(scores);
    }

    /** Whether all tokens but the last of an n-gram equal those at the end. */
    private boolean repeats(Tensor ids, long at, long end) {
        for (long k = 0; k < size - 1; k++) {
            if (ids.getLong(at + k) != ids.getLong(end + k)) {
                return false;
            }
        }
        return true;
    }
}
