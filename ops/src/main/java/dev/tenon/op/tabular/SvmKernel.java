package dev.tenon.op.tabular;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.op.Attributes;
import dev.tenon.op.tabular.model.SupportVectorModel.Function;
import java.util.List;

/**
 * The kernel function of a support vector machine.
 *
 * @param type the kind
 * @param parameters gamma, coef0 and degree, or none for zeros
 */
public record SvmKernel(Type type, List<Float> parameters) {
    /** The kinds of kernel functions of two vectors x and v. */
    public enum Type {
        /** {@code x.v}. */
        LINEAR,
        /** {@code (gamma x.v + coef0)^degree}. */
        POLY,
        /** {@code exp(-gamma |x - v|^2)}. */
        RBF,
        /** {@code tanh(gamma x.v + coef0)}. */
        SIGMOID
    }

    private static final int PARAMETERS = 3;
    private static final String TYPE = "kernel_type";

    /**
     * A kernel function.
     *
     * @throws InvalidOperandException if there are parameters, but fewer than three
     */
    public SvmKernel {
        parameters = List.copyOf(parameters);
        if (!parameters.isEmpty() && parameters.size() < PARAMETERS) {
            throw new InvalidOperandException(
                    "attribute 'kernel_params'", parameters.size() + " elements", "gamma, coef0, degree", null);
        }
    }

    static SvmKernel of(Attributes a) {
        String name = a.string(TYPE, Type.LINEAR.name());
        for (Type t : Type.values()) {
            if (t.name().equals(name)) {
                return new SvmKernel(t, a.reals("kernel_params", List.of()));
            }
        }
        throw new InvalidOperandException(
                "attribute '" + TYPE + "'", "'" + name + "'", "LINEAR, POLY, RBF or SIGMOID", null);
    }

    Attributes addTo(Attributes a) {
        return a.unless(TYPE, type.name(), Type.LINEAR.name()).unless("kernel_params", parameters, List.of());
    }

    private double parameter(int i) {
        return i < parameters.size() ? parameters.get(i) : 0;
    }

    double gamma() {
        return parameter(0);
    }

    double offset() {
        return parameter(1);
    }

    double degree() {
        return parameter(2);
    }

    Function function() {
        return switch (type) {
            case LINEAR -> Function.IDENTITY;
            case POLY -> Function.POWER;
            case RBF -> Function.EXPONENTIAL;
            case SIGMOID -> Function.TANH;
        };
    }

    /** The value for a product, or for a squared distance if the kernel is of that kind. */
    double apply(double product) {
        return switch (type) {
            case LINEAR -> product;
            case POLY -> Math.pow(gamma() * product + offset(), degree());
            case RBF -> Math.exp(-gamma() * product);
            case SIGMOID -> Math.tanh(gamma() * product + offset());
        };
    }
}
