package dev.tenon.differential;

import dev.tenon.differential.microsoft.MicrosoftDefinitions;
import dev.tenon.tensor.Tensor;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Whole operators computed anew from the standard's text, in double precision and without a thought of speed: what
 * results are compared with where the peer lacks a type or the operator, or is less accurate than the contract.
 */
public final class Recomputed {
    /** All outputs of the tested node, computed in double precision and rounded once. */
    public interface Computation extends Function<Sketch, List<Tensor>> {}

    /** The sum of the absolute values of the terms of the only output. */
    public interface Magnitude extends Function<Sketch, Tensor> {}

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

    private Recomputed() {}

    static boolean has(Sketch sketch) {
        return ALL.containsKey(sketch.entry());
    }

    static List<Tensor> apply(Sketch sketch) {
        return ALL.get(sketch.entry()).apply(sketch);
    }

    /** The magnitude, or null where the operator itself gives it. */
    static Tensor magnitude(Sketch sketch) {
        Magnitude m = MAGNITUDES.get(sketch.entry());
        return m == null ? null : m.apply(sketch);
    }
}
