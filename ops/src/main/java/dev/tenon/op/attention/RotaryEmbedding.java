package dev.tenon.op.attention;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.op.Attributes;
import dev.tenon.op.InferContext;
import dev.tenon.op.Numerics;
import dev.tenon.op.Op;
import dev.tenon.op.OpSchema;
import dev.tenon.op.OperandShape;
import dev.tenon.op.Operands;
import dev.tenon.op.Types;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.ValueType;
import java.util.List;

/**
 * Rotates pairs of elements of each head by angles that depend on the position: {@code (a cos - b sin, a sin + b cos)}.
 * A pair consists of neighbours, or of an element of the first half and its counterpart in the second half. See J. Su
 * et al., RoFormer: Enhanced Transformer with Rotary Position Embedding (2021).
 *
 * @param interleaved whether neighbours are a pair
 * @param heads the number of heads; needed if X is packed, may be null otherwise
 * @param width how many elements of each head are rotated, an even number; 0 for all
 */
public record RotaryEmbedding(boolean interleaved, Long heads, long width) implements Op {
    /**
     * Inputs X [batch, heads, length, size] or packed [batch, length, heads*size], and the cosines and sines of the
     * angles: [positions, width/2] with position_ids [batch, length], or [batch, length, width/2] without. Output Y
     * like X.
     */
    public static final OpSchema SCHEMA = OpSchema.of("RotaryEmbedding")
            .input("X", "T")
            .input("cos_cache", "T")
            .input("sin_cache", "T")
            .optional("position_ids", "M")
            .output("Y", "T")
            .where("T", Types.FLOATS)
            .where("M", Types.INT64)
            .numerics(Numerics.sum(2));

    private static final int POSITIONS = 3;

    /**
     * Makes the operator.
     *
     * @param a its attributes
     * @return the operator
     * @throws InvalidOperandException if an attribute has a value that is not allowed
     */
    public static RotaryEmbedding of(Attributes a) {
        long heads = a.integer("num_heads", 0);
        if (heads < 0) {
            throw new InvalidOperandException("RotaryEmbedding", "num_heads " + heads, "1 and above", null);
        }
        long width = a.integer("rotary_embedding_dim", 0);
        if (width < 0 || width % 2 != 0) {
            throw new InvalidOperandException(
                    "RotaryEmbedding", "rotary_embedding_dim " + width, "even numbers from 0 on", null);
        }
        return new RotaryEmbedding(a.flag("interleaved", false), heads == 0 ? null : (Long) heads, width);
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Attributes attributes() {
        return Attributes.none()
                .unless("interleaved", interleaved, false)
                .with("num_heads", heads)
                .unless("rotary_embedding_dim", width, 0L);
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        OperandShape x = OperandShape.of(c, 0).rank(3, 4);
        if (x.rank() == 3 && heads == null) {
            throw c.error("shape " + x.shape() + " without num_heads", "rank 4, or num_heads", null);
        }
        if (x.hasRank()) {
            boolean packed = x.rank() == 3;
            if (!packed && heads != null) {
                x.is(null, Dim.of(heads), null, null);
            }
            Dim last = x.dim(x.rank() - 1);
            Dim size = packed ? null : last;
            if (packed && last.isKnown()) {
                if (last.value() % heads != 0) {
                    throw c.error("shape " + x.shape(), "a last dimension of a multiple of " + heads, null);
                }
                size = Dim.of(last.value() / heads);
            }
            checkCaches(c, x, size, x.dim(packed ? 1 : 2));
        }
        return List.of(c.tensor(0));
    }

    private void checkCaches(InferContext c, OperandShape x, Dim size, Dim length) {
        Dim half = width > 0 ? Dim.of(width / 2) : null;
        if (size != null && size.isKnown()) {
            if (width > size.value() || width == 0 && size.value() % 2 != 0) {
                throw c.error(
                        "heads of " + size + " elements with rotary_embedding_dim " + width,
                        width == 0 ? "an even size" : width + " and above",
                        null);
            }
            half = Dim.of((width == 0 ? size.value() : width) / 2);
        }
        boolean byPosition = c.has(POSITIONS);
        for (int i = 1; i <= 2; i++) {
            OperandShape cache = OperandShape.of(c, i).rank(byPosition ? 2 : 3);
            if (byPosition) {
                cache.is(null, half);
            } else {
                cache.is(x.dim(0), length, half);
            }
        }
        if (byPosition) {
            OperandShape.of(c, POSITIONS).is(x.dim(0), length);
            OperandShape.of(c, 2).is(OperandShape.of(c, 1).dim(0), half);
        }
    }

    @Override
    public List<Datum> reference(Operands in) {
        in.inferOutputs();
        Heads x = Heads.of(in.tensor(0), heads);
        Tensor y = in.tensor(0).copy();
        long rotated = width == 0 ? x.size() : width;
        for (long b = 0; b < x.batch(); b++) {
            for (long p = 0; p < x.length(); p++) {
                long angles = row(in, b, p, b * x.length() + p) * (rotated / 2);
                for (long h = 0; h < x.heads(); h++) {
                    rotate(in, y, x.at(b, h, p), angles, rotated / 2);
                }
            }
        }
        return List.of(y);
    }

    private static long row(Operands in, long b, long p, long place) {
        if (!in.has(POSITIONS)) {
            return place;
        }
        long row = in.tensor(POSITIONS).getLong(place);
        long rows = in.tensor(1).dim(0);
        if (row < 0 || row >= rows) {
            throw in.error(
                    "position_ids[" + b + "," + p + "] is " + row, "[0, " + (rows - 1) + "]", "enlarge the caches");
        }
        return row;
    }

    private void rotate(Operands in, Tensor y, long at, long angles, long half) {
        Tensor x = in.tensor(0);
        for (long i = 0; i < half; i++) {
            double cos = in.tensor(1).getDouble(angles + i);
            double sin = in.tensor(2).getDouble(angles + i);
            long first = at + (interleaved ? 2 * i : i);
            long second = interleaved ? first + 1 : first + half;
            double a = x.getDouble(first);
            double b = x.getDouble(second);
            y.setDouble(first, a * cos - b * sin);
            y.setDouble(second, a * sin + b * cos);
        }
    }
}
