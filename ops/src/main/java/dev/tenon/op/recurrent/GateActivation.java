package dev.tenon.op.recurrent;

import dev.tenon.op.InvalidOperandException;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;

/** An activation of a gate with its parameters. */
record GateActivation(Kind kind, double alpha, double beta) {
    private static final int ALPHA = 1;
    private static final int BETA = 2;

    /** The functions by the standard's names. Defaults are those of the operators of the same names. */
    enum Kind {
        RELU("Relu", 0, 0, 0),
        TANH("Tanh", 0, 0, 0),
        SIGMOID("Sigmoid", 0, 0, 0),
        AFFINE("Affine", ALPHA | BETA, 1f, 0f),
        LEAKY_RELU("LeakyRelu", ALPHA, 0.01f, 0f),
        THRESHOLDED_RELU("ThresholdedRelu", ALPHA, 1f, 0f),
        SCALED_TANH("ScaledTanh", ALPHA | BETA, 1f, 1f),
        HARD_SIGMOID("HardSigmoid", ALPHA | BETA, 0.2f, 0.5f),
        ELU("Elu", ALPHA, 1f, 0f),
        SOFTSIGN("Softsign", 0, 0, 0),
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

    /** Each function takes the next parameters of the lists, if it has any; where a list is short, its defaults. */
    static GateActivation[] list(String operator, List<String> names, List<Float> alphas, List<Float> betas) {
        Iterator<Float> alpha = alphas.iterator();
        Iterator<Float> beta = betas.iterator();
        GateActivation[] list = new GateActivation[names.size()];
        for (int i = 0; i < list.length; i++) {
            Kind kind = Kind.of(operator, names.get(i));
            list[i] = new GateActivation(
                    kind,
                    (kind.parameters & ALPHA) != 0 && alpha.hasNext() ? alpha.next() : kind.alpha,
                    (kind.parameters & BETA) != 0 && beta.hasNext() ? beta.next() : kind.beta);
        }
        return list;
    }

    double at(double x) {
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
