package dev.tenon.formats.decoder;

import dev.tenon.formats.MalformedModelException;
import dev.tenon.formats.ModelFile;
import dev.tenon.formats.ModelReader;
import dev.tenon.formats.ModelSource;
import dev.tenon.formats.json.JsonStart;
import dev.tenon.formats.json.JsonText;
import dev.tenon.formats.json.Members;
import dev.tenon.formats.safetensors.SafetensorsFolder;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reads decoders from folders with a {@code config.json} and safetensors files, as Hugging Face's transformers save them. The file
 * that is read is {@code config.json}. Weights are views of the files.
 */
public final class FolderModels implements ModelReader {
    private static final long MOST_CONFIG_BYTES = 1 << 20;

    /** Ends of names of tensors that older versions saved, and that follow from the settings. */
    private static final List<String> IGNORED = List.of("rotary_emb.inv_freq");

    /** The reader. */
    public FolderModels() {}

    @Override
    public String format() {
        return "config.json with safetensors";
    }

    /** Looks for the members that each {@code config.json} has. */
    @Override
    public boolean accepts(MemorySegment head) {
        if (JsonStart.firstName(head).isEmpty()) {
            return false;
        }
        String text = new String(head.toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8);
        return text.contains("\"architectures\"") || text.contains("\"model_type\"");
    }

    @Override
    public ModelFile read(ModelSource source) {
        return source.naming(DecoderModel.CURE, () -> {
            Members config = config(source);
            List<?> classes = config.get("architectures", List.class);
            if (classes.size() != 1 || !(classes.getFirst() instanceof String name)) {
                throw config.unsupported("architectures", "one class");
            }
            Architecture architecture = Architecture.ofClass(config.document(), name);
            DecoderConfig decoder = architecture.config(new FolderSettings(config));
            Map<String, Weight> all = new LinkedHashMap<>();
            SafetensorsFolder.tensors(source.external(), source.limits()).forEach((own, tensor) -> {
                List<Long> dims = Arrays.stream(tensor.dims()).boxed().toList();
                all.put(own, new Weight(own, dims, tensor, Optional.empty()));
            });
            FolderNames names = new FolderNames(decoder.style().normsAfter());
            Weights weights = new Weights(config.document(), all, names);
            checkHead(config, weights);
            return DecoderModel.of(
                    config.text("_name_or_path", ""),
                    config,
                    decoder,
                    weights,
                    IGNORED,
                    source.limits(),
                    (title, sizes) -> DecoderKeys.of(architecture.ggufName(), title, decoder, sizes));
        });
    }

    /** Without a matrix of its own, a model multiplies with its embeddings. */
    private static void checkHead(Members config, Weights weights) {
        String tied = "tie_word_embeddings";
        if (!config.flag(tied, true) && weights.find("output.weight", -1, -1).isEmpty()) {
            throw config.wrong(tied, "true, or a tensor 'lm_head.weight'");
        }
    }

    @SuppressWarnings("unchecked") // an object of JSON
    private static Members config(ModelSource source) {
        String file = source.bytes().name();
        byte[] bytes = source.bytes().read(segment -> {
            if (segment.byteSize() > MOST_CONFIG_BYTES) {
                throw malformed(file, segment.byteSize() + " bytes", "at most " + MOST_CONFIG_BYTES);
            }
            return segment.toArray(ValueLayout.JAVA_BYTE);
        });
        Object value = JsonText.parse(
                new String(bytes, StandardCharsets.UTF_8),
                source.limits().maxNesting(),
                (found, allowed) -> malformed(file, found, allowed));
        if (!(value instanceof Map<?, ?> members)) {
            throw malformed(file, "no object", "an object of JSON");
        }
        return new Members(file, (Map<String, Object>) members);
    }

    private static MalformedModelException malformed(String file, String found, String allowed) {
        return new MalformedModelException(file, found, allowed, "fetch the file again");
    }
}
