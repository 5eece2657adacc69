package dev.tenon.op.recurrent;

import dev.tenon.error.InvalidOperandException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;

/**
 * An activation of a gate with its parameters.
 *
 * @param kind the function
 * @param alpha its first parameter; it has no effect on a function without parameters
 * @param beta its second parameter; it has no effect on a function with fewer parameters
 */
public record GateActivation(Kind kind, float alpha, float beta) {
    private static final int ALPHA = 1;
    private static final int BETA = 2;

    /** The functions by the standard's names. Defaults are those of the operators of the same names. NaN gives NaN. */
    public enum Kind {
        /** {@code max(x, 0)}. */
        RELU("Relu", 0, 0, 0),
        /** The hyperbolic tangent. */
        TANH("Tanh", 0, 0, 0),
        /** {@code 1 / (1 + exp(-x))}. */
        SIGMOID("Sigmoid", 0, 0, 0),
        /** {@code alpha x + beta}. */
        AFFINE("Affine", ALPHA | BETA, 1f, 0f),
        /** {@code x} from 0 on, {@code alpha x} below. */
        LEAKY_RELU("LeakyRelu", ALPHA, 0.01f, 0f),
        /** {@code x} from alpha on, 0 below. */
        THRESHOLDED_RELU("ThresholdedRelu", ALPHA, 1f, 0f),
        /** {@code alpha tanh(beta x)}. */
        SCALED_TANH("ScaledTanh", ALPHA | BETA, 1f, 1f),
        /** {@code alpha x + beta}, clamped to [0, 1]. */
        HARD_SIGMOID("HardSigmoid", ALPHA | BETA, 0.2f, 0.5f),
        /** {@code x} from 0 on, {@code alpha (exp(x) - 1)} below. */
        ELU("Elu", ALPHA, 1f, 0f),
        /** {@code x / (1 + |x|)}. */
        SOFTSIGN("Softsign", 0, 0, 0),
        /** {@code log(1 + exp(x))}. */
        SOFTPLUS("Softplus", 0, 0, 0);

        private final String text;
        private final int parameters;
        private final float alpha;
        private final float beta;

        Kind(String text, int parameters, float alpha, float beta) {
            this.text = text;
            this.parameters = parameters;
            this.alpha = alpha;
            this.beta = beta;
        }

        /**
         * The standard's name.
         *
         * @return such as {@code LeakyRelu}
         */
        public String text() {
            return text;
        }

        static Kind of(String operator, String name) {
            for (Kind k : values()) {
                if (k.text.toLowerCase(Locale.ROOT).equals(name.toLowerCase(Locale.ROOT))) {
                    return k;
                }
            }
            List<String> names = Arrays.stream(values()).map(k -> k.text).toList();
            throw new InvalidOperandException(operator, "activation '" + name + "'", String.join(", ", names), null);
        }
    }

    /**
     * Each function with parameters takes the next ones of the lists. Where a list is too short, it takes its defaults.
     */
    static List<GateActivation> list(String operator, List<String> names, List<Float> alphas, List<Float> betas) {
        Iterator<Float> alpha = alphas.iterator();
        Iterator<Float> beta = betas.iterator();
        List<GateActivation> list = new ArrayList<>();
        for (String name : names) {
            Kind kind = Kind.of(operator, name);
            list.add(new GateActivation(
                    kind,
                    (kind.parameters & ALPHA) != 0 && alpha.hasNext() ? alpha.next() : kind.alpha,
                    (kind.parameters & BETA) != 0 && beta.hasNext() ? beta.next() : kind.beta));
        }
        return list;
    }

    /**
     * The function.
     *
     * @param x the argument
     * @return the exact result, as precisely as double precision allows
     */
    public double at(double x) {
        return switch (kind) {
            case RELU -> Math.max(x, 0);
            case TANH -> Math.tanh(x);
            case SIGMOID -> sigmoid(x);
            case AFFINE -> alpha * x + beta;
            case LEAKY_RELU -> x >= 0 ? x : alpha * x;
            case THRESHOLDED_RELU -> x >= alpha ? x : x < alpha ? 0 : x;
            case SCALED_TANH -> alpha * Math.tanh(beta * x);
            case HARD_SIGMOID -> Math.max(0, Math.min(1, alpha * x + beta));
            case ELU -> x >= 0 ? x : alpha * Math.expm1(x);
            case SOFTSIGN -> x / (1 + Math.abs(x));
            case SOFTPLUS -> Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
        };
    }

    private static double sigmoid(double x) {
        double e = Math.exp(-Math.abs(x));
        return (x >= 0 ? 1 : e) / (1 + e);
    }
}
