/* Mica.app's main executable: Python, embedded, running this checkout's Mica.
 *
 * macOS grants permissions to the bundle whose executable is running, and names that
 * bundle in its dialogs. An interpreter outside a bundle would be "Python" or "Terminal".
 *
 * Compiled by bundle.py, which defines
 *   MICA_PYTHON   path of the checkout's .venv/bin/python. Python's getpath finds
 *                 pyvenv.cfg beside it, and with that the environment's packages; it is
 *                 also sys.executable, which starts the engine.
 *   MICA_MODULE   the module to run; only tests choose another one
 *
 * Exit status: Python's own.
 */
#include <Python.h>
#include <string.h>

#ifndef MICA_MODULE
#define MICA_MODULE "mica"
#endif

static PyStatus set_arguments(PyConfig *config, int argc, char **argv)
{
    PyStatus status = PyWideStringList_Append(&config->argv, L"-m"); /* as python -m has it */
    for (int i = 1; i < argc && !PyStatus_Exception(status); i++) {
        wchar_t *argument;
        if (strncmp(argv[i], "-psn_", 5) == 0) /* old versions of Finder add their own */
            continue;
        argument = Py_DecodeLocale(argv[i], NULL);
        if (argument == NULL)
            return PyStatus_NoMemory();
        status = PyWideStringList_Append(&config->argv, argument);
        PyMem_RawFree(argument);
    }
    return status;
}

static PyStatus initialize(int argc, char **argv)
{
    PyPreConfig preconfig;
    PyConfig config;
    PyStatus status;

    PyPreConfig_InitPythonConfig(&preconfig);
    preconfig.utf8_mode = 1; /* what Finder starts has no locale */
    status = Py_PreInitialize(&preconfig);
    if (PyStatus_Exception(status))
        return status;

    PyConfig_InitPythonConfig(&config);
    config.parse_argv = 0;          /* Mica's arguments are not Python's */
    config.use_environment = 0;     /* nor is a PYTHONPATH meant for us */
    config.user_site_directory = 0;
    config.safe_path = 1;           /* the folder it is started in holds no modules */
    status = PyConfig_SetBytesString(&config, &config.program_name, MICA_PYTHON);
    if (!PyStatus_Exception(status))
        status = PyConfig_SetBytesString(&config, &config.run_module, MICA_MODULE);
    if (!PyStatus_Exception(status))
        status = set_arguments(&config, argc, argv);
    if (!PyStatus_Exception(status))
        status = Py_InitializeFromConfig(&config);
    PyConfig_Clear(&config);
    return status;
}

int main(int argc, char **argv)
{
    PyStatus status = initialize(argc, argv);
    if (PyStatus_Exception(status))
        Py_ExitStatusException(status); /* says why on stderr */
    return Py_RunMain();
}
