package dev.tenon;

import dev.tenon.formats.ExternalData;
import dev.tenon.formats.MalformedModelException;
import dev.tenon.formats.ModelBytes;
import dev.tenon.formats.ModelFile;
import dev.tenon.formats.ModelFileException;
import dev.tenon.formats.ModelMetadata;
import dev.tenon.formats.ModelReader;
import dev.tenon.formats.ModelSource;
import dev.tenon.formats.Preparation;
import dev.tenon.graph.Graph;
import dev.tenon.graph.Value;
import dev.tenon.graph.control.StandardOperators;
import dev.tenon.kernel.table.CoreKernels;
import dev.tenon.kernel.KernelSet;
import dev.tenon.op.OpSet;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.ValueType;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.Set;

/**
 * A trained model: a typed graph with its weights and what the file says about itself. Immutable, safe for any number of
 * threads; nothing is compiled until a session is made. There is nothing to close: the file stays mapped as long as the
 * model, one of its sessions or one of its weights is reachable.
 *
 * <pre>{@code
 * Model model = Model.load(Path.of("model.onnx"));
 * Outputs out = model.predict(Map.of("x", Tensor.of(new float[] {1, 2, 3, 4}, 1, 4)));
 * float[] y = out.tensor("y").toFloatArray();
 * }</pre>
 */
public final class Model {
    private static final long HEAD_BYTES = 4096;

    private final ModelFile file;
    private final String name;
    private final KernelSet kernels;
    private final List<ValueInfo> inputs;
    private final List<ValueInfo> optionalInputs;
    private final List<ValueInfo> outputs;
    private Session standardSession;

    private Model(String name, ModelFile file, KernelSet kernels) {
        this.name = name;
        this.file = file;
        this.kernels = kernels;
        List<ValueInfo> given = new ArrayList<>();
        for (Value v : file.graph().inputs()) {
            given.add(new ValueInfo(v.name(), v.type()));
        }
        this.inputs = List.copyOf(given);
        List<ValueInfo> optional = new ArrayList<>();
        for (Map.Entry<String, ValueType> e : file.optionalInputs().types().entrySet()) {
            optional.add(new ValueInfo(e.getKey(), e.getValue()));
        }
        this.optionalInputs = List.copyOf(optional);
        List<ValueInfo> infos = new ArrayList<>();
        List<Value> values = file.graph().outputs();
        for (int i = 0; i < values.size(); i++) {
            infos.add(new ValueInfo(
                    file.graph().outputNames().get(i), values.get(i).type()));
        }
        this.outputs = List.copyOf(infos);
    }

    /**
     * Loads a model from a file, ONNX or a package that {@link Session#save} has written. The file is mapped and must not
     * change while the model is in use.
     *
     * @param path the file
     * @return the model
     * @throws ModelFileException if the file can't be read
     * @throws MalformedModelException if it is not well formed
     * @throws dev.tenon.formats.UnsupportedModelException if it needs what Tenon does not have
     */
    public static Model load(Path path) {
        return load(path, LoadOptions.standard());
    }

    /**
     * Loads a model from a file.
     *
     * @param path the file
     * @param options how to load it
     * @return the model
     * @throws ModelFileException if the file can't be read
     * @throws MalformedModelException if it is not well formed
     * @throws dev.tenon.formats.UnsupportedModelException if it needs what Tenon does not have
     */
    public static Model load(Path path, LoadOptions options) {
        return Guard.run(path.toString(), () -> {
            ModelBytes bytes =
                    options.copies() ? ModelBytes.copy(path, options.limits()) : ModelBytes.map(path, options.limits());
            Path folder = path.toAbsolutePath().getParent();
            ExternalData external = options.externalData()
                    .orElseGet(() -> options.copies()
                            ? ExternalData.copiedFromFolder(folder, options.limits())
                            : ExternalData.inFolder(folder, options.limits()));
            return read(bytes, external, options);
        });
    }

    /**
     * Loads a model from a stream, which is read to its end, copied to native memory and not closed.
     *
     * @param stream the stream
     * @return the model
     * @throws ModelFileException if the stream can't be read
     * @throws MalformedModelException if it is not well formed
     * @throws dev.tenon.formats.UnsupportedModelException if it needs what Tenon does not have
     */
    public static Model load(InputStream stream) {
        return load(stream, LoadOptions.standard());
    }

    /**
     * Loads a model from a stream, which is read to its end, copied to native memory and not closed.
     *
     * @param stream the stream
     * @param options how to load it; external data is found only through its resolver
     * @return the model
     * @throws ModelFileException if the stream can't be read
     * @throws MalformedModelException if it is not well formed
     * @throws dev.tenon.formats.UnsupportedModelException if it needs what Tenon does not have
     */
    public static Model load(InputStream stream, LoadOptions options) {
        return Guard.run(
                "model from a stream",
                () -> read(
                        ModelBytes.copy("model from a stream", stream, options.limits()),
                        options.externalData().orElse(ExternalData.none()),
                        options));
    }

    /**
     * Loads a model from a buffer, from its position to its limit, which is copied to native memory.
     *
     * @param buffer the buffer; its position does not change
     * @return the model
     * @throws MalformedModelException if it is not well formed
     * @throws dev.tenon.formats.UnsupportedModelException if it needs what Tenon does not have
     */
    public static Model load(ByteBuffer buffer) {
        return load(buffer, LoadOptions.standard());
    }

    /**
     * Loads a model from a buffer, from its position to its limit, which is copied to native memory.
     *
     * @param buffer the buffer; its position does not change
     * @param options how to load it; external data is found only through its resolver
     * @return the model
     * @throws MalformedModelException if it is not well formed
     * @throws dev.tenon.formats.UnsupportedModelException if it needs what Tenon does not have
     */
    public static Model load(ByteBuffer buffer, LoadOptions options) {
        return Guard.run(
                "model from a buffer",
                () -> read(
                        ModelBytes.copy("model from a buffer", buffer, options.limits()),
                        options.externalData().orElse(ExternalData.none()),
                        options));
    }

    private static Model read(ModelBytes bytes, ExternalData external, LoadOptions options) {
        OpSet operators = StandardOperators.set().plus(options.operators().operators());
        ModelSource source = new ModelSource(bytes, external, operators, options.limits());
        MemorySegment head =
                bytes.segment().asSlice(0, Math.min(HEAD_BYTES, bytes.segment().byteSize()));
        List<String> formats = new ArrayList<>();
        for (ModelReader reader : ServiceLoader.load(ModelReader.class, Model.class.getClassLoader())) {
            formats.add(reader.format());
            if (reader.accepts(head)) {
                return new Model(bytes.name(), reader.read(source), kernels(options.operators()));
            }
        }
        throw new MalformedModelException(
                bytes.name(),
                "bytes of no known format",
                String.join(", ", formats),
                "check that this is a model file");
    }

    /**
     * A model of a graph built in memory.
     *
     * @param graph the graph
     * @return the model, without metadata
     */
    public static Model of(Graph graph) {
        return of(graph, OpLibrary.empty());
    }

    /**
     * A model of a graph built in memory that may hold operators of the caller.
     *
     * @param graph the graph
     * @param own where the kernels of such operators are found, and the versions of their sets that are written
     * @return the model, without further metadata
     */
    public static Model of(Graph graph, OpLibrary own) {
        ModelMetadata metadata = new ModelMetadata("", "", "", 0, "", own.versions(), Map.of());
        return new Model(graph.name(), new ModelFile(graph, metadata), kernels(own));
    }

    private static KernelSet kernels(OpLibrary own) {
        return CoreKernels.set().plus(own.kernels());
    }

    /**
     * The inputs that every call gives.
     *
     * @return names and types in the order of the model; dimensions may be symbolic
     */
    public List<ValueInfo> inputs() {
        return inputs;
    }

    /**
     * The inputs that have a value in the file, which a call may give another. As long as no call does, they are
     * constants like any weight; the first call that gives some of them makes ready for these, which takes as long as a
     * new session and packs weights again.
     *
     * @return names and types in the order of the model, none of which are among {@link #inputs}
     */
    public List<ValueInfo> optionalInputs() {
        return optionalInputs;
    }

    /** The model all of whose calls give some of the optional inputs. */
    Model given(Set<String> names) {
        Graph graph = Guard.run(name, () -> file.optionalInputs().graphs().apply(names));
        return new Model(name, new ModelFile(graph, file.metadata()), kernels);
    }

    /**
     * The outputs.
     *
     * @return names and types in the order of the model; dimensions may be symbolic
     */
    public List<ValueInfo> outputs() {
        return outputs;
    }

    /**
     * What the file says about itself.
     *
     * @return the metadata
     */
    public ModelMetadata metadata() {
        return file.metadata();
    }

    /**
     * The graph as it was read, in canonical operators, not optimised. That of a package is the one that the session
     * ran which saved it.
     *
     * @return the graph
     */
    public Graph graph() {
        return file.graph();
    }

    /**
     * The session that {@link #predict} uses, with standard options; made at the first call.
     *
     * @return always the same session
     */
    public synchronized Session session() {
        if (standardSession == null) {
            standardSession = new Session(this, SessionOptions.standard());
        }
        return standardSession;
    }

    /**
     * A new session. Sessions share the weights that they leave as they lie, but each packs weights for itself: make
     * few and keep them.
     *
     * @param options how it runs
     * @return a session
     */
    public Session session(SessionOptions options) {
        return new Session(this, options);
    }

    /**
     * Predicts with the standard session.
     *
     * @param inputs a value for each input of the model, by name
     * @return all outputs, which belong to the caller
     * @throws InvalidInputException if an input is missing, unknown, or of another type or shape than the model takes
     * @throws dev.tenon.error.TenonException as {@link Session#predict(Map)}
     */
    public Outputs predict(Map<String, ? extends Datum> inputs) {
        return session().predict(inputs);
    }

    /**
     * Writes the model as ONNX, for an operator set that runtimes in use read where it holds the model, else the newest.
     *
     * @param path the file, made or replaced
     * @throws ModelFileException if it can't be written
     * @throws dev.tenon.formats.UnsupportedModelException if the graph holds what ONNX can't express
     */
    public void save(Path path) {
        save(path, 0);
    }

    /**
     * Writes the model as ONNX.
     *
     * @param path the file, made or replaced when all is written; it may be the one that this model is mapped from
     * @param operatorSet the version of the main operator set, or 0 for one that runtimes in use read, or the newest if
     *     that does not hold the model
     * @throws ModelFileException if it can't be written
     * @throws dev.tenon.formats.UnsupportedModelException if the graph holds what ONNX or the version can't express
     */
    public void save(Path path, int operatorSet) {
        SavedModels.write(path, "ONNX", file, operatorSet);
    }

    /** What a session did to the model before it was saved, or null. */
    Preparation preparation() {
        return file.preparation();
    }

    KernelSet kernels() {
        return kernels;
    }

    @Override
    public String toString() {
        return name + " " + inputs + " -> " + outputs;
    }
}
