package dev.tenon;

import dev.tenon.exec.Executor;
import dev.tenon.formats.MalformedModelException;
import dev.tenon.formats.ModelFile;
import dev.tenon.formats.ModelFileException;
import dev.tenon.formats.ModelMetadata;
import dev.tenon.formats.ModelWriter;
import dev.tenon.formats.OptionalInputs;
import dev.tenon.formats.Preparation;
import dev.tenon.formats.UnsupportedModelException;
import dev.tenon.graph.Value;
import dev.tenon.plan.Program;
import dev.tenon.plan.ShapeKey;
import dev.tenon.tensor.TensorType;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.ServiceLoader;

/** Saves models and packages, and restores the plans of a package. */
final class SavedModels {
    private static final String PACKAGE = ".tenon";
    private static final String ONNX = ".onnx";
    private static final String GGUF = ".gguf";

    private SavedModels() {}

    /**
     * Saves a model in the format that the end of the file's name selects.
     *
     * @param path the file
     * @param file the model
     * @param save how it is written
     */
    static void write(Path path, ModelFile file, SaveOptions save) {
        if (!named(path, GGUF)) {
            write(path, "ONNX", file, save);
            return;
        }
        if (file.original() == null) {
            throw new UnsupportedModelException(
                    "model '" + file.graph().name() + "' as GGUF",
                    "a model that was not read as a decoder",
                    "decoders read from GGUF or from a folder of safetensors",
                    "save it under a name that ends in " + ONNX);
        }
        JvmErrors.typed(path.toString(), () -> {
            file.original().write(file, path, save.written());
            return null;
        });
    }

    private static boolean named(Path path, String end) {
        return String.valueOf(path.getFileName()).toLowerCase(Locale.ROOT).endsWith(end);
    }

    /**
     * Saves a model.
     *
     * @param path the file
     * @param format the format's name, as its writer has it
     * @param file the model
     * @param save how it is written
     */
    static void write(Path path, String format, ModelFile file, SaveOptions save) {
        ModelWriter writer = writer(path.toString(), format);
        JvmErrors.typed(path.toString(), () -> {
            writer.write(file, path, save.written());
            return null;
        });
    }

    /**
     * Saves a model in one piece.
     *
     * @param out where to write; it is not closed
     * @param format the format's name, as its writer has it
     * @param file the model
     * @param save how it is written
     */
    static void write(OutputStream out, String format, ModelFile file, SaveOptions save) {
        String thing = "model '" + file.graph().name() + "'";
        ModelWriter writer = writer(thing, format);
        JvmErrors.typed(thing, () -> {
            try {
                writer.write(file, Channels.newChannel(out), save.written());
            } catch (IOException e) {
                throw new ModelFileException(thing, "it can't be written: " + e.getMessage(), null, null, e);
            }
            return null;
        });
    }

    private static ModelWriter writer(String thing, String format) {
        return ServiceLoader.load(ModelWriter.class, Model.class.getClassLoader()).stream()
                .map(ServiceLoader.Provider::get)
                .filter(w -> w.format().equals(format))
                .findFirst()
                .orElseThrow(() -> new ModelFileException(thing, "no writer of " + format, "one", null));
    }

    /**
     * Saves the program of a session, in the format that the end of the file's name selects.
     *
     * @param path the file
     * @param save how it is written
     * @param metadata the metadata of the model
     * @param executor runs the program
     * @param options the options of the session
     */
    static void write(Path path, SaveOptions save, ModelMetadata metadata, Executor executor, SessionOptions options) {
        Program program = executor.program();
        if (named(path, ONNX)) {
            write(path, "ONNX", new ModelFile(program.graph(), metadata), save);
        } else if (named(path, PACKAGE)) {
            List<List<TensorType>> shapes =
                    executor.plans().planned().stream().map(ShapeKey::types).toList();
            Preparation preparation = JvmErrors.typed(
                    path.toString(),
                    () -> new Preparation(
                            program.capabilities().toString(),
                            options.numerics().name(),
                            program.packed(),
                            shapes,
                            List.of()));
            write(path, "Tenon", new ModelFile(program.graph(), metadata, OptionalInputs.NONE, preparation), save);
        } else {
            throw new ModelFileException(
                    path.toString(),
                    "a name that tells no format",
                    PACKAGE + " for a package, " + ONNX + " for an optimised model in ONNX",
                    "give the file one of these names");
        }
    }

    /** Refuses options of a session that do not fit a package. */
    static void check(Preparation preparation, SessionOptions options) {
        if (options.numerics() == NumericsMode.STRICT && !preparation.numerics().equals(NumericsMode.STRICT.name())) {
            throw new UnsupportedModelException(
                    "package",
                    "numerics(" + options.numerics() + ") of a model optimised under " + preparation.numerics(),
                    preparation.numerics(),
                    "save a package from a session with numerics(STRICT)");
        }
    }

    /** Makes plans for the input shapes that the session had planned for which saved the package. */
    static void plan(Preparation preparation, Executor executor) {
        List<Value> inputs = executor.program().graph().inputs();
        for (List<TensorType> types : preparation.shapes()) {
            List<TensorType> key = new ArrayList<>();
            for (int i = 0; i < types.size(); i++) {
                Value input = inputs.get(i);
                if (!fits(types.get(i), input.tensorType())) {
                    throw new MalformedModelException(
                            "package, shapes to plan for",
                            types.get(i) + " for input '" + input.name() + "'",
                            input.type().toString(),
                            "save the package again from the model");
                }
                key.add(types.get(i));
            }
            executor.plans().prepare(ShapeKey.of(key));
        }
    }

    /** Whether a type with known dimensions fits an input; null stands for values that are no tensors. */
    private static boolean fits(TensorType type, TensorType declared) {
        if (declared == null || type == null) {
            return declared == null && type == null;
        }
        return type.dtype() == declared.dtype()
                && (!declared.shape().hasRank()
                        || declared.shape().rank() == type.shape().rank());
    }
}
