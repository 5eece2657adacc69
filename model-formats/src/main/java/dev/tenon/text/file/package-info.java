/**
 * The reader of {@code tokenizer.json}, the format of Hugging Face's {@code tokenizers}: one class for each kind of stage. The
 * reader of the tokenizers in GGUF files: {@code GgufTokenizer}, and {@code GgufPreTokenizer} with the names of pre-tokenizers. And
 * the readers of the settings that sentence-transformers saves beside it: {@code EmbedderFolder}, {@code CrossEncoderFolder}; and of
 * those of decoders: {@code DecoderFiles}.
 * Files are untrusted; whatever is wrong with them ends in an exception that names the path of the value.
 *
 * <p>Must not live here: what stages do, and code that runs a model. A new stage is one line in the class of its kind, which
 * names what the file calls it, and nothing else. A new setting is a component of the record of its folder.
 */
package dev.tenon.text.file;
