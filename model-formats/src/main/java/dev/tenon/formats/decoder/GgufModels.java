package dev.tenon.formats.decoder;

import dev.tenon.formats.ModelFile;
import dev.tenon.formats.ModelReader;
import dev.tenon.formats.ModelSource;
import dev.tenon.formats.gguf.GgufFile;
import dev.tenon.formats.gguf.GgufTensor;
import dev.tenon.formats.json.Members;
import java.lang.foreign.MemorySegment;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** Reads decoders from GGUF files. Weights are views of the files. */
public final class GgufModels implements ModelReader {
    /** The reader. */
    public GgufModels() {}

    @Override
    public String format() {
        return "GGUF";
    }

    @Override
    public boolean accepts(MemorySegment head) {
        return GgufFile.isGguf(head);
    }

    @Override
    public ModelFile read(ModelSource source) {
        return source.naming(DecoderModel.CURE, () -> {
            GgufFile file = GgufFile.read(source.bytes(), source.external(), source.limits());
            Members metadata = file.metadata();
            String name = metadata.get("general.architecture", String.class);
            DecoderConfig config =
                    Architecture.ofGguf(metadata.document(), name).config(new GgufSettings(metadata, name));
            Map<String, Weight> all = new LinkedHashMap<>();
            for (GgufTensor tensor : file.tensors().values()) {
                all.put(
                        tensor.name(),
                        new Weight(
                                tensor.name(),
                                tensor.dims(),
                                tensor.stored(),
                                tensor.type().blocks()));
            }
            Weights weights = new Weights(metadata.document(), all, UnaryOperator.identity());
            return DecoderModel.of(
                    metadata.text("general.name", ""),
                    metadata,
                    config,
                    weights,
                    List.of(),
                    source.limits(),
                    (title, sizes) -> new LinkedHashMap<String, Object>(file.encoded()));
        });
    }
}
