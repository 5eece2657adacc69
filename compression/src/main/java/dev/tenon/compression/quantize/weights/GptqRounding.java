package dev.tenon.compression.quantize.weights;

import dev.tenon.compression.CompressionException;
import dev.tenon.compression.LinearLayer;
import dev.tenon.compression.calibrate.GramMatrix;
import dev.tenon.compression.quantize.WeightRounding;

/**
 * Rounds weights so that the outputs of their layer change little: Frantar et al., GPTQ, 2022. For scales of one output
 * each, with zero points of 0. Deterministic and closed, unlike methods that learn a rounding by gradients.
 */
public final class GptqRounding implements WeightRounding {
    /** The term that is added to the diagonal of the second moments, as a share of its mean. */
    static final double DAMPING = 0.01;

    private final boolean isOrdered;

    /** Rounds columns in the order of the model. */
    public GptqRounding() {
        this(false);
    }

    private GptqRounding(boolean isOrdered) {
        this.isOrdered = isOrdered;
    }

    /**
     * Rounds columns with large second moments first, while many weights are left to make up for their errors.
     *
     * @return the rounding
     */
    public static GptqRounding ordered() {
        return new GptqRounding(true);
    }

    @Override
    public boolean needsGram() {
        return true;
    }

    /**
     * {@inheritDoc}
     *
     * @throws CompressionException if there are no second moments, or they are not finite
     */
    @Override
    public int[] round(LinearLayer layer, float[] matrix, float[] scales, int min, int max, GramMatrix gramOrNull) {
        if (gramOrNull == null) {
            throw new CompressionException(
                    "GPTQ of " + layer, "no second moments", "those of the layer's inputs", "give samples");
        }
        int terms = layer.terms();
        int rows = layer.outputs() / layer.groups();
        int[] codes = new int[matrix.length];
        for (int group = 0; group < layer.groups(); group++) {
            Gptq gptq = new Gptq(gramOrNull.of(group), terms, DAMPING, isOrdered);
            gptq.round(matrix, group * rows, (group + 1) * rows, (row, column, weight) -> {
                int code = (int) Math.max(min, Math.min(max, Math.rint(weight / scales[scales.length == 1 ? 0 : row])));
                codes[row * terms + column] = code;
                return code * (double) scales[scales.length == 1 ? 0 : row];
            });
        }
        return codes;
    }
}
