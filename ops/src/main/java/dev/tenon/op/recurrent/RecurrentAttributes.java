package dev.tenon.op.recurrent;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.op.Attributes;
import java.util.ArrayList;
import java.util.List;

/**
 * The attributes that all recurrent operators have.
 *
 * @param direction {@code forward}, {@code reverse} or {@code bidirectional}
 * @param hiddenSize the size of the state, at least 1; null to take it from the weights
 * @param activations the functions of the gates for each direction, or empty for the operator's own
 * @param alphas the first parameters of those functions that have one, in order; missing ones are at their defaults
 * @param betas the second parameters likewise
 * @param clip the bound of the magnitude of the arguments of the gates' functions, above 0; null for no bound
 * @param batchFirst whether the batch is the first dimension of sequences and states, {@code layout} 1
 */
public record RecurrentAttributes(
        String direction,
        Long hiddenSize,
        List<String> activations,
        List<Float> alphas,
        List<Float> betas,
        Float clip,
        boolean batchFirst) {
    private static final List<String> DIRECTIONS = List.of("forward", "reverse", "bidirectional");

    /** An immutable copy. */
    public RecurrentAttributes {
        activations = List.copyOf(activations);
        alphas = List.copyOf(alphas);
        betas = List.copyOf(betas);
    }

    /**
     * The attributes of an operator with the standard's defaults.
     *
     * @return forward, of the weights' size, with the operator's own activations
     */
    public static RecurrentAttributes forward() {
        return new RecurrentAttributes("forward", null, List.of(), List.of(), List.of(), null, false);
    }

    static RecurrentAttributes of(String operator, Attributes a, int functions) {
        String direction = a.string("direction", "forward");
        // The standard's version 1 misspells a default so.
        direction = direction.equals("foward") ? "forward" : direction;
        if (!DIRECTIONS.contains(direction)) {
            throw new InvalidOperandException(
                    operator, "direction '" + direction + "'", String.join(", ", DIRECTIONS), null);
        }
        Long hidden = a.has("hidden_size") ? (Long) a.integer("hidden_size", 0) : null;
        if (hidden != null && hidden < 1) {
            throw new InvalidOperandException(operator, "hidden_size " + hidden, "1 and above", null);
        }
        Float clip = a.has("clip") ? (Float) a.real("clip", 0) : null;
        // Some exporters write 0 for no bound.
        clip = clip != null && clip == 0 ? null : clip;
        if (clip != null && !(clip > 0)) {
            throw new InvalidOperandException(operator, "clip " + clip, "above 0", null);
        }
        long layout = a.integer("layout", 0);
        if (layout != 0 && layout != 1) {
            throw new InvalidOperandException(operator, "layout " + layout, "0, 1", null);
        }
        List<String> activations = a.strings("activations", List.of());
        RecurrentAttributes made = new RecurrentAttributes(
                direction,
                hidden,
                activations,
                a.reals("activation_alpha", List.of()),
                a.reals("activation_beta", List.of()),
                clip,
                layout == 1);
        int needed = functions * made.directions();
        if (!activations.isEmpty() && activations.size() < needed) {
            throw new InvalidOperandException(
                    operator, activations.size() + " activations", needed + " for direction " + direction, null);
        }
        made.functions(operator, List.of());
        return made;
    }

    Attributes attributes() {
        return Attributes.none()
                .unless("direction", direction, "forward")
                .with("hidden_size", hiddenSize)
                .unless("activations", activations, List.of())
                .unless("activation_alpha", alphas, List.of())
                .unless("activation_beta", betas, List.of())
                .with("clip", clip)
                .unless("layout", batchFirst, false);
    }

    int directions() {
        return direction.equals("bidirectional") ? 2 : 1;
    }

    /** The functions of the gates of each direction, or the standard functions. */
    List<GateActivation> functions(String operator, List<String> standard) {
        List<String> names = activations;
        if (names.isEmpty()) {
            names = new ArrayList<>();
            for (int d = 0; d < directions(); d++) {
                names.addAll(standard);
            }
        }
        return GateActivation.list(operator, names, alphas, betas);
    }

    /** The argument of a gate's function, clamped to its bound. NaN stays NaN. */
    double clipped(double x) {
        if (clip == null) {
            return x;
        }
        return x < -clip ? -clip : x > clip ? clip : x;
    }
}
