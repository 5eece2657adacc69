package dev.tenon.formats.decoder;

import dev.tenon.formats.UnsupportedModelException;
import java.util.List;
import java.util.Set;

/** A family of decoders: how its settings are read from each kind of file. */
interface Architecture {
    /** All families. */
    List<Architecture> ALL = List.of(new Llama(), new Qwen2(), new Qwen3(), new Gemma3());

    /** {@return the value of {@code general.architecture} in GGUF} */
    String ggufName();

    /** {@return the names in {@code architectures} of a {@code config.json}} */
    Set<String> classNames();

    /**
     * Describes a decoder of this family.
     *
     * @param settings the metadata of its file
     * @return its description
     */
    DecoderConfig config(GgufSettings settings);

    /**
     * Describes a decoder of this family.
     *
     * @param settings its {@code config.json}
     * @return its description
     */
    DecoderConfig config(FolderSettings settings);

    /** The family that GGUF calls so. */
    static Architecture ofGguf(String file, String name) {
        return ALL.stream()
                .filter(a -> a.ggufName().equals(name))
                .findFirst()
                .orElseThrow(() -> unknown(
                        file, name, ALL.stream().map(Architecture::ggufName).toList()));
    }

    /** The family of a class of Hugging Face's transformers. */
    static Architecture ofClass(String file, String name) {
        return ALL.stream()
                .filter(a -> a.classNames().contains(name))
                .findFirst()
                .orElseThrow(() -> unknown(
                        file,
                        name,
                        ALL.stream()
                                .flatMap(a -> a.classNames().stream().sorted())
                                .toList()));
    }

    private static UnsupportedModelException unknown(String file, String name, List<String> known) {
        return new UnsupportedModelException(
                file, "the architecture '" + name + "'", String.join(", ", known), "export the model to ONNX");
    }
}
