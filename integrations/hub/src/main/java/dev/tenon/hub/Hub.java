package dev.tenon.hub;

import java.net.URI;
import java.nio.file.Path;

/**
 * Models of other places as paths that {@code Model.load} takes. Without {@link HubOptions#download}, nothing here uses the network.
 *
 * <pre>{@code
 * HubOptions online = HubOptions.standard().download(true);
 * Path folder = Hub.huggingFace("sentence-transformers/all-MiniLM-L6-v2", "main", online)
 *         .files("onnx/model.onnx", "tokenizer.json", "config.json");
 * Model model = Model.load(folder);
 * }</pre>
 */
public final class Hub {
    private Hub() {}

    /**
     * A revision of a repository at Hugging Face, in the cache that Python's tools share.
     *
     * @param repository {@code ORG/NAME}
     * @param revision a commit of 40 digits, which is best, a branch or a tag
     * @return its files
     * @throws dev.tenon.error.InvalidOptionException if one of them can be no such name
     */
    public static HuggingFace huggingFace(String repository, String revision) {
        return huggingFace(repository, revision, HubOptions.standard());
    }

    /**
     * A revision of a repository at Hugging Face.
     *
     * @param repository {@code ORG/NAME}
     * @param revision a commit of 40 digits, which is best, a branch or a tag
     * @param options how files are had
     * @return its files
     * @throws dev.tenon.error.InvalidOptionException if one of them can be no such name
     */
    public static HuggingFace huggingFace(String repository, String revision, HubOptions options) {
        return new HuggingFace(repository, revision, options);
    }

    /**
     * A file that was downloaded before.
     *
     * @param address where it was, with or without a query
     * @param sha256 its checksum, 64 hexadecimal digits
     * @return the file in the cache; it must not be changed
     * @throws HubException if it is not there
     */
    public static Path http(URI address, String sha256) {
        return http(address, sha256, HubOptions.standard());
    }

    /**
     * A file of a server of HTTP, such as a signed address of a store of objects. It is known by its checksum: in the cache, another
     * address or signature of the same file makes no difference. The query of the address is sent, and is in no message, file or name.
     *
     * @param address where it is: {@code http} or {@code https}, without a user
     * @param sha256 its checksum, 64 hexadecimal digits
     * @param options how it is had
     * @return the file in the cache; it must not be changed
     * @throws HubException if it can't be had
     * @throws dev.tenon.formats.ChecksumException if it has another checksum, in the cache or on the server
     * @throws dev.tenon.formats.ModelFileException if the cache can't be read or written
     * @throws dev.tenon.error.InvalidOptionException if the address or the checksum is none
     */
    public static Path http(URI address, String sha256, HubOptions options) {
        return HttpFiles.file(address, sha256, options);
    }

    /**
     * A model that MLflow saved or logged.
     *
     * @param folder the folder with the file {@code MLmodel}
     * @return the model's file and signature
     * @throws dev.tenon.formats.ModelFileException if there is none, or a file that it names is outside the folder
     * @throws dev.tenon.formats.MalformedModelException if {@code MLmodel} can't be understood
     * @throws dev.tenon.formats.UnsupportedModelException if none of its flavours can be loaded
     */
    public static MlflowModel mlflow(Path folder) {
        return MlflowModel.read(folder);
    }
}
