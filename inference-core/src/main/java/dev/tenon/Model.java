package dev.tenon;

import dev.tenon.budget.WorkBudget;
import dev.tenon.error.InvalidInputException;
import dev.tenon.exec.StackRoom;
import dev.tenon.formats.ExternalData;
import dev.tenon.formats.MalformedModelException;
import dev.tenon.formats.ModelBytes;
import dev.tenon.formats.ModelFile;
import dev.tenon.formats.ModelFileException;
import dev.tenon.formats.ModelMetadata;
import dev.tenon.formats.ModelReader;
import dev.tenon.formats.ModelSource;
import dev.tenon.formats.OptionalInputs;
import dev.tenon.formats.Placeholders;
import dev.tenon.formats.Preparation;
import dev.tenon.formats.StreamSource;
import dev.tenon.formats.onnx.OnnxReader;
import dev.tenon.graph.Graph;
import dev.tenon.graph.Value;
import dev.tenon.graph.control.StandardOperators;
import dev.tenon.kernel.KernelSet;
import dev.tenon.kernel.table.CoreKernels;
import dev.tenon.op.OpSet;
import dev.tenon.plan.DeferredChecksums;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.ValueType;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.function.Supplier;

/**
 * A trained model: a typed graph with its weights, and the metadata of its file. Immutable and safe for any number of
 * threads. Nothing is compiled until a session is made.
 *
 * <p>There is nothing to close: the file stays mapped as long as the model, one of its sessions or one of its weights
 * is reachable.
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
     * Loads a model from a file: ONNX, a package that {@link Session#save(Path)} wrote, a decoder in GGUF, or trees that XGBoost,
     * LightGBM or CatBoost saved. The content tells the format. Or from a folder: a decoder in safetensors with its
     * {@code config.json}, or an ONNX model under the name {@code model.onnx}. Files are mapped and must not change while the model
     * is in use.
     *
     * @param path the file or folder; the first file of a GGUF model that was split
     * @return the model
     * @throws ModelFileException if the file can't be read
     * @throws MalformedModelException if the bytes are not a well-formed model
     * @throws dev.tenon.formats.UnsupportedModelException if it needs an operator or a feature that Tenon does not have
     */
    public static Model load(Path path) {
        return load(path, LoadOptions.standard());
    }

    /**
     * Loads a model from a file or folder.
     *
     * @param path the file or folder, as {@link #load(Path)} says
     * @param options how to load it
     * @return the model
     * @throws ModelFileException if the file can't be read
     * @throws MalformedModelException if the bytes are not a well-formed model
     * @throws dev.tenon.formats.UnsupportedModelException if it needs an operator or a feature that Tenon does not have
     * @throws dev.tenon.formats.ChecksumException if a file has another checksum than {@link LoadOptions#sha256(String)} says
     * @throws dev.tenon.error.ResourceLimitException if it exceeds {@link LoadOptions#limits} or
     *     {@link LoadOptions#maxOperations}
     * @throws dev.tenon.error.InterruptedPredictionException if {@link LoadOptions#timeLimit} is reached or the thread is
     *     interrupted
     */
    public static Model load(Path path, LoadOptions options) {
        Ahead.ofModel();
        return JvmErrors.typed(path.toString(), () -> {
            Path file = ModelFolder.file(path);
            ModelBytes bytes = options.isCopied()
                    ? ModelBytes.copy(file, options.limits())
                    : ModelBytes.map(file, options.limits());
            Path folder = file.toAbsolutePath().getParent();
            if (!file.equals(path)) {
                bytes = ModelBytes.of(folder.getFileName() + "/" + bytes.name(), bytes.segment());
            }
            ExternalData external = options.externalData()
                    .orElseGet(() -> options.isCopied()
                            ? ExternalData.copiedFromFolder(folder, options.limits())
                            : ExternalData.inFolder(folder, options.limits()));
            return read(bytes, external, options, LoadChecksums.of(options, path, file));
        });
    }

    /**
     * Loads a model from a stream. The stream is read to its end and copied to native memory; it is not closed.
     *
     * @param stream the stream
     * @return the model
     * @throws ModelFileException if the stream can't be read
     * @throws MalformedModelException if the bytes are not a well-formed model
     * @throws dev.tenon.formats.UnsupportedModelException if it needs an operator or a feature that Tenon does not have
     */
    public static Model load(InputStream stream) {
        return load(stream, LoadOptions.standard());
    }

    /**
     * Loads a model from a stream. The stream is read to its end and copied to native memory; it is not closed.
     *
     * @param stream the stream
     * @param options how to load it; external data is only found through {@link LoadOptions#externalData}
     * @return the model
     * @throws ModelFileException if the stream can't be read
     * @throws MalformedModelException if the bytes are not a well-formed model
     * @throws dev.tenon.formats.UnsupportedModelException if it needs an operator or a feature that Tenon does not have
     */
    public static Model load(InputStream stream, LoadOptions options) {
        Objects.requireNonNull(stream, "stream");
        String name = "model from a stream";
        return copied(name, () -> ModelBytes.copy(name, stream, options.limits()), options);
    }

    /**
     * Loads a model from a source of a stream, such as a resource in a jar. The stream is opened, copied to native memory and
     * closed; no file is made.
     *
     * <pre>{@code
     * Model model = Model.load("model.onnx", () -> App.class.getResourceAsStream("/model.onnx"));
     * Model same = Model.load(resource.getFilename(), resource::getInputStream);    // a Resource of Spring
     * }</pre>
     *
     * @param name the name of the model in messages
     * @param source opens the stream
     * @return the model
     * @throws ModelFileException if there is no stream, it can't be read, or the model keeps tensors in other files
     * @throws MalformedModelException if the bytes are not a well-formed model
     * @throws dev.tenon.formats.UnsupportedModelException if it needs an operator or a feature that Tenon does not have
     */
    public static Model load(String name, StreamSource source) {
        return load(name, source, LoadOptions.standard());
    }

    /**
     * Loads a model from a source of a stream. The stream is opened, copied to native memory and closed; no file is made.
     *
     * @param name the name of the model in messages
     * @param source opens the stream
     * @param options how to load it; external data is only found through {@link LoadOptions#externalData}
     * @return the model
     * @throws ModelFileException if there is no stream, it can't be read, or the model keeps tensors in files that are not
     *     found
     * @throws MalformedModelException if the bytes are not a well-formed model
     * @throws dev.tenon.formats.UnsupportedModelException if it needs an operator or a feature that Tenon does not have
     * @throws dev.tenon.error.ResourceLimitException if it exceeds {@link LoadOptions#limits} or
     *     {@link LoadOptions#maxOperations}
     */
    public static Model load(String name, StreamSource source, LoadOptions options) {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(source, "source");
        return copied(name, () -> ModelBytes.copy(name, source, options.limits()), options);
    }

    private static Model copied(String name, Supplier<ModelBytes> bytes, LoadOptions options) {
        Ahead.ofModel();
        return JvmErrors.typed(
                name,
                () -> read(
                        bytes.get(),
                        options.externalData().orElse(ExternalData.none()),
                        options,
                        LoadChecksums.of(options, name)));
    }

    /**
     * Loads a model from a buffer, from its position to its limit. The bytes are copied to native memory.
     *
     * @param buffer the buffer; its position does not change
     * @return the model
     * @throws MalformedModelException if the bytes are not a well-formed model
     * @throws dev.tenon.formats.UnsupportedModelException if it needs an operator or a feature that Tenon does not have
     */
    public static Model load(ByteBuffer buffer) {
        return load(buffer, LoadOptions.standard());
    }

    /**
     * Loads a model from a buffer, from its position to its limit. The bytes are copied to native memory.
     *
     * @param buffer the buffer; its position does not change
     * @param options how to load it; external data is only found through {@link LoadOptions#externalData}
     * @return the model
     * @throws MalformedModelException if the bytes are not a well-formed model
     * @throws dev.tenon.formats.UnsupportedModelException if it needs an operator or a feature that Tenon does not have
     */
    public static Model load(ByteBuffer buffer, LoadOptions options) {
        Objects.requireNonNull(buffer, "buffer");
        String name = "model from a buffer";
        return copied(name, () -> ModelBytes.copy(name, buffer, options.limits()), options);
    }

    private static Model read(ModelBytes bytes, ExternalData external, LoadOptions options, LoadChecksums checksums) {
        OpSet operators = StandardOperators.set().plus(options.operators().operators());
        ModelBytes checked = WorkBudget.started("comparing checksums of " + bytes.name(), options.workLimits())
                .run(() -> checksums.checked(bytes));
        ModelSource source =
                new ModelSource(checked, checksums.checked(external), operators, options.limits(), options.trees());
        ModelFile file = read(reader(bytes), source, options);
        return new Model(bytes.name(), file, kernels(options.operators()));
    }

    /** The reader that takes some bytes. Most models are ONNX, whose reader is asked before the services are looked up. */
    private static ModelReader reader(ModelBytes bytes) {
        MemorySegment head =
                bytes.segment().asSlice(0, Math.min(HEAD_BYTES, bytes.segment().byteSize()));
        Placeholders.refuse(bytes.name(), head, "a model, such as an ONNX file");
        ModelReader onnx = new OnnxReader();
        if (onnx.accepts(head)) {
            return onnx;
        }
        List<String> formats = new ArrayList<>();
        for (ModelReader reader : ServiceLoader.load(ModelReader.class, Model.class.getClassLoader())) {
            formats.add(reader.format());
            if (reader.accepts(head)) {
                return reader;
            }
        }
        throw new MalformedModelException(
                bytes.name(),
                "bytes of no known format",
                String.join(", ", formats),
                "check that this is a model file");
    }

    /** Reads a model under the budget of the options. Its graphs with other inputs are read so too, when they are needed. */
    private static ModelFile read(ModelReader reader, ModelSource source, LoadOptions options) {
        String work = "loading " + source.bytes().name();
        ModelFile file = WorkBudget.started(work, options.workLimits()).run(() -> reader.read(source));
        OptionalInputs optional = file.optionalInputs();
        if (optional.types().isEmpty()) {
            return file;
        }
        OptionalInputs bounded = new OptionalInputs(
                optional.types(),
                names -> WorkBudget.started(work, options.workLimits())
                        .run(() -> optional.graphs().apply(names)));
        return new ModelFile(file.graph(), file.metadata(), bounded, file.preparation(), file.original());
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
     * A model of a graph built in memory that may have operators of the caller.
     *
     * @param graph the graph
     * @param own the library with these operators. It has their kernels, and the versions of their operator sets for
     *     saving
     * @return the model, without other metadata
     */
    public static Model of(Graph graph, OpLibrary own) {
        ModelMetadata metadata = new ModelMetadata("", "", "", 0, "", own.versions(), Map.of());
        return new Model(graph.name(), new ModelFile(graph, metadata), kernels(own));
    }

    /**
     * This model with another graph. It keeps the metadata, the kernels of the caller's operators, and those optional
     * inputs whose names are constants of the new graph. The new graph may have other inputs and outputs than this
     * model's.
     *
     * <p>A model that was loaded from a package loses its packed weights and prepared plans: a session of the new model
     * optimises the graph and packs the weights again. The checksums of all its weights are compared now, which reads
     * them.
     *
     * <pre>{@code
     * Model changed = model.withGraph(edited);
     * changed.save(Path.of("changed.onnx"));
     * }</pre>
     *
     * @param graph the new graph, in canonical operators and those of the library that this model was loaded with
     * @return a new model
     * @throws dev.tenon.graph.InvalidGraphException if a constant of the new graph has the name of an optional input,
     *     but another type
     * @throws MalformedModelException if a weight of a package is not what was written
     */
    public Model withGraph(Graph graph) {
        if (preparation() != null) {
            JvmErrors.typed(name, () -> {
                new DeferredChecksums(preparation().unchecked()).checkAll();
                return null;
            });
        }
        OptionalInputs optional = GraphVariants.optionalInputs(file.optionalInputs(), graph);
        return new Model(name, new ModelFile(graph, file.metadata(), optional, null, file.original()), kernels);
    }

    private static KernelSet kernels(OpLibrary own) {
        return CoreKernels.set().plus(own.kernels());
    }

    /**
     * The name of the model in messages.
     *
     * @return the name of its file without the folder, the name that was given with a stream, or the name of its graph
     */
    public String name() {
        return name;
    }

    /**
     * The inputs that every call must give.
     *
     * @return names and types in the order of the model; dimensions may be symbolic
     */
    public List<ValueInfo> inputs() {
        return inputs;
    }

    /**
     * The inputs that have a default value in the file. A call may give them another value. As long as no call does,
     * they are constants like any weight. The first call that gives some of them takes as long as making a session: the
     * graph is optimised and the weights are packed for these inputs.
     *
     * @return names and types in the order of the model; none of them is in {@link #inputs}
     */
    public List<ValueInfo> optionalInputs() {
        return optionalInputs;
    }

    /** The model in which some of the optional inputs are inputs that every call gives. */
    Model given(Set<String> names) {
        Graph graph = JvmErrors.typed(name, () -> file.optionalInputs().graphs().apply(names));
        return new Model(name, new ModelFile(graph, file.metadata()), kernels);
    }

    /** The model whose graph has some of its values as outputs, after its own. */
    Model observed(Set<String> values) {
        OptionalInputs own = file.optionalInputs();
        OptionalInputs optional = new OptionalInputs(
                own.types(), names -> GraphVariants.withOutputs(own.graphs().apply(names), values));
        Graph graph = GraphVariants.withOutputs(file.graph(), values);
        return new Model(name, new ModelFile(graph, file.metadata(), optional, file.preparation()), kernels);
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
     * The metadata of the file.
     *
     * @return producer, version, description and more; empty for a graph built in memory
     */
    public ModelMetadata metadata() {
        return file.metadata();
    }

    /**
     * The graph as it was read, in canonical operators, not optimised. The graph of a package is optimised: it is the
     * graph of the session that saved it.
     *
     * @return the graph
     */
    public Graph graph() {
        return file.graph();
    }

    /**
     * The session that {@link #predict} uses. It has standard options, and is made by the first call.
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
     * A new session. Sessions share the weights as they were read, but each session packs weights for its kernels
     * again: make few sessions and keep them.
     *
     * @param options how it runs
     * @return a session
     * @throws dev.tenon.error.TenonException if there is not enough memory, or the tuning file can't be used
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
        try {
            return session().predict(inputs);
        } catch (StackOverflowError e) {
            throw StackRoom.NONE;
        }
    }

    /**
     * Predicts with the standard session, for a model that has one input.
     *
     * <pre>{@code
     * float[] y = model.predict(Tensor.of(new float[][] {{1, 2, 3, 4}})).tensor().toFloatArray();
     * }</pre>
     *
     * @param input its value
     * @return all outputs, which belong to the caller
     * @throws InvalidInputException if the model has no input or several, or takes another type or shape
     * @throws dev.tenon.error.TenonException as {@link Session#predict(Map)}
     */
    public Outputs predict(Tensor input) {
        try {
            return session().predict(input);
        } catch (StackOverflowError e) {
            throw StackRoom.NONE;
        }
    }

    /**
     * Saves the model with standard options: as GGUF if the path ends in {@code .gguf}, otherwise as ONNX.
     *
     * @param path the file, created or replaced when all is written; it may be the one that this model is mapped from
     * @throws ModelFileException if it can't be written
     * @throws dev.tenon.formats.UnsupportedModelException if the graph has something that the format can't express
     */
    public void save(Path path) {
        save(path, SaveOptions.standard());
    }

    /**
     * Saves the model: as GGUF if the path ends in {@code .gguf}, otherwise as ONNX. The inputs in {@link #optionalInputs}
     * are saved as constants.
     *
     * <p>GGUF is for decoders that were read from GGUF or from a folder of safetensors, and whose graph still is that
     * decoder: weights may have other values, floats of another type, or blocks, but no operator may be another one. Weights
     * keep the forms that they have. From a GGUF file all metadata are kept, those of its tokenizer too; a file of a folder
     * has none of a tokenizer. Queries and keys of Llama from a folder are written in the order that GGUF has for them, so
     * that sums over them may round otherwise. The options are for ONNX alone.
     *
     * @param path the file, created or replaced when all is written; it may be the one that this model is mapped from
     * @param options how it is written
     * @throws ModelFileException if it can't be written
     * @throws dev.tenon.formats.UnsupportedModelException if the graph has something that the format or the options can't
     *     express
     */
    public void save(Path path, SaveOptions options) {
        SavedModels.write(path, file, options);
    }

    /**
     * Saves the model as ONNX in one piece.
     *
     * @param out where to write; it is not closed
     * @param options how it is written; external data is not possible
     * @throws ModelFileException if writing fails
     * @throws dev.tenon.formats.UnsupportedModelException if the graph has something that ONNX or the options can't
     *     express, or if the options ask for external data
     */
    public void save(OutputStream out, SaveOptions options) {
        SavedModels.write(out, "ONNX", file, options);
    }

    /** The result of the session that saved the package; null for a model that is no package. */
    Preparation preparation() {
        return file.preparation();
    }

    KernelSet kernels() {
        return kernels;
    }

    /**
     * The name of the model, and a line for each input and output.
     *
     * @return such as {@code model 'double.onnx'}, then {@code input x: f32[batch,4]} and {@code output y: f32[batch,4]}
     */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("model '" + name + "'");
        inputs.forEach(input -> text.append("\n  input ").append(input));
        optionalInputs.forEach(input -> text.append("\n  input ").append(input).append(", optional"));
        outputs.forEach(output -> text.append("\n  output ").append(output));
        return text.toString();
    }
}
