package dev.tenon.formats.decoder;

import dev.tenon.formats.json.Members;

/** The metadata of a GGUF file that describe a decoder. Their keys begin with the name of the architecture. */
final class GgufSettings extends DecoderSettings {
    GgufSettings(Members metadata, String architecture) {
        super(metadata, name -> architecture + "." + name);
        if (integer("expert_count", 0, Long.MAX_VALUE, 0) > 0) {
            throw metadata.unsupported(key("expert_count"), "0: no mixture of experts");
        }
        if (!metadata.flag(key("attention.causal"), true)) {
            throw metadata.unsupported(key("attention.causal"), "true");
        }
    }

    @Override
    double epsilon() {
        return all().positive(key("attention.layer_norm_rms_epsilon"));
    }

    /** The rotation that the file describes, without factors that are a tensor. */
    Rope rope(boolean interleaved, double standardBase) {
        long size = heads().size();
        long width = integer("rope.dimension_count", 2, size, size);
        if (width % 2 != 0) {
            throw all().wrong(key("rope.dimension_count"), "an even number");
        }
        Rope rope = Rope.of(interleaved, positive("rope.freq_base", standardBase), width);
        String type = key("rope.scaling.type");
        String older = key("rope.scale_linear");
        boolean isOld = all().has(older);
        return switch (all().text(type, isOld ? "linear" : "none")) {
            case "none" -> rope;
            case "linear" -> rope.stretched(isOld ? all().positive(older) : positive("rope.scaling.factor", 1));
            default -> throw all().unsupported(type, "none, linear");
        };
    }
}
