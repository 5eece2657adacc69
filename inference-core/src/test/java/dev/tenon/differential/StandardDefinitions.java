package dev.tenon.differential;

import dev.tenon.differential.microsoft.MicrosoftDefinitions;
import dev.tenon.tensor.Tensor;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Operators that are computed again from the text of the standard, in double precision and without regard to speed.
 * Results are compared with them if the peer does not have the operator or a type, or is less accurate than the
 * operator must be.
 */
public final class StandardDefinitions {
    /** All outputs of the tested node, computed in double precision and rounded once. */
    public interface Computation extends Function<OperatorModel, List<Tensor>> {}

    /** The sum of the absolute values of the terms of the only output. */
    public interface Magnitude extends Function<OperatorModel, Tensor> {}

    private static final Map<String, Computation> ALL = new HashMap<>();
    private static final Map<String, Magnitude> MAGNITUDES = new HashMap<>();

    static {
        SignalDefinitions.add(ALL, MAGNITUDES);
        WindowDefinitions.add(ALL, MAGNITUDES);
        ALL.put("Resize", s -> List.of(ResizeDefinition.apply(s)));
        MAGNITUDES.put("Resize", ResizeDefinition::magnitude);
        RegionDefinitions.add(ALL, MAGNITUDES);
        NewestDefinitions.add(ALL);
        FlexDefinition.add(ALL);
        OrderDefinitions.add(ALL);
        EinsumDefinition.add(ALL, MAGNITUDES);
        AttentionDefinition.add(ALL);
        TableDefinitions.add(ALL);
        MicrosoftDefinitions.add(ALL);
    }

    private StandardDefinitions() {}

    static boolean has(OperatorModel model) {
        return ALL.containsKey(model.entry());
    }

    static List<Tensor> apply(OperatorModel model) {
        return ALL.get(model.entry()).apply(model);
    }

    /** The magnitude, or null if the operator computes it itself. */
    static Tensor magnitude(OperatorModel model) {
        Magnitude m = MAGNITUDES.get(model.entry());
        return m == null ? null : m.apply(model);
    }
}
