package dev.tenon;

import dev.tenon.exec.Engine;
import dev.tenon.formats.MalformedModelException;
import dev.tenon.formats.ModelFile;
import dev.tenon.formats.ModelFileException;
import dev.tenon.formats.ModelMetadata;
import dev.tenon.formats.ModelWriter;
import dev.tenon.formats.OptionalInputs;
import dev.tenon.formats.Preparation;
import dev.tenon.formats.UnsupportedModelException;
import dev.tenon.formats.WriteOptions;
import dev.tenon.graph.Graph;
import dev.tenon.plan.Program;
import dev.tenon.plan.ShapeKey;
import dev.tenon.tensor.TensorType;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.ServiceLoader;

/** Writes models, as they were read or as a session has prepared them, and takes up what was prepared. */
final class SavedModels {
    private static final String PACKAGE = ".tenon";
    private static final String ONNX = ".onnx";

    private SavedModels() {}

    static void write(Path path, String format, ModelFile file, int version) {
        ModelWriter writer = ServiceLoader.load(ModelWriter.class, Model.class.getClassLoader()).stream()
                .map(ServiceLoader.Provider::get)
                .filter(w -> w.format().equals(format))
                .findFirst()
                .orElseThrow(() -> new ModelFileException(path.toString(), "no writer of " + format, "one", null));
        Guard.run(path.toString(), () -> {
            WriteOptions options = WriteOptions.standard();
            writer.write(file, path, version == 0 ? options : options.withOperatorSet(version));
            return null;
        });
    }

    /** Writes what an engine runs, in the format that the file's name tells. */
    static void write(Path path, int operatorSet, ModelMetadata metadata, Engine engine, SessionOptions options) {
        Program program = engine.program();
        String name = String.valueOf(path.getFileName()).toLowerCase(Locale.ROOT);
        if (name.endsWith(ONNX)) {
            write(path, "ONNX", new ModelFile(program.graph(), metadata), operatorSet);
        } else if (name.endsWith(PACKAGE)) {
            List<List<TensorType>> shapes =
                    engine.plans().planned().stream().map(ShapeKey::types).toList();
            Preparation preparation = Guard.run(
                    path.toString(),
                    () -> new Preparation(
                            program.capabilities().toString(),
                            options.numerics().name(),
                            program.packed(),
                            shapes,
                            List.of()));
            write(
                    path,
                    "Tenon",
                    new ModelFile(program.graph(), metadata, OptionalInputs.NONE, preparation),
                    operatorSet);
        } else {
            throw new ModelFileException(
                    path.toString(),
                    "a name that tells no format",
                    PACKAGE + " for a package, " + ONNX + " for an optimised model that others read too",
                    "give the file one of these names");
        }
    }

    /** Refuses options that a prepared model can't keep any more. */
    static void check(Preparation preparation, SessionOptions options) {
        if (options.numerics() == NumericsMode.STRICT && !preparation.numerics().equals(NumericsMode.STRICT.name())) {
            throw new UnsupportedModelException(
                    "package",
                    "numerics(" + options.numerics() + ") of a model optimised under " + preparation.numerics(),
                    preparation.numerics(),
                    "save a package from a session with numerics(STRICT)");
        }
    }

    /** Plans for the shapes that were planned before. */
    static void plan(Preparation preparation, Graph graph, Engine engine) {
        for (List<TensorType> types : preparation.shapes()) {
            List<TensorType> key = new ArrayList<>();
            for (int i = 0; i < types.size(); i++) {
                TensorType declared = graph.inputs().get(i).tensorType();
                TensorType type = types.get(i);
                boolean fits = declared == null
                        ? type == null
                        : type != null
                                && type.dtype() == declared.dtype()
                                && (!declared.shape().hasRank()
                                        || declared.shape().rank()
                                                == type.shape().rank());
                if (!fits) {
                    throw new MalformedModelException(
                            "package, shapes to plan for",
                            type + " for input '" + graph.inputs().get(i).name() + "'",
                            graph.inputs().get(i).type().toString(),
                            "save the package again from the model");
                }
                key.add(type);
            }
            engine.plans().prepare(ShapeKey.of(key));
        }
    }
}
